"""Working out what pushes mean, after they were answered: a batch of the inbox in a worker's transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel import inbox
from app.kernel.settings import settings
from app.knowledge import tracking
from app.outreach import messaging
from app.outreach.auto_replies.operations.withdrawing import withdraw
from app.outreach.auto_replies.rules import digesting as rules
from app.people import contacts, identity


@dataclass(frozen=True)
class Told:
    """One push of an account, read. `number` is its place in the inbox."""

    number: int
    account: str
    meant: rules.Meaning

    @property
    def source(self) -> str:
        """Through which kind of account it came."""
        known = settings().wechat_accounts.get(self.account)
        return known.kind if known else "official_account"

    def whose(self) -> identity.Identifier | None:
        """The id of whom it is about, None for nobody's."""
        try:
            return identity.identifier("openid", self.meant.openid, scope=self.account)
        except identity.IdentifierInvalid:
            return None


@inbox.handles("wechat")
def digest(messages: Sequence[inbox.Message], *, now: dt.datetime) -> None:
    """Followers, service windows, grants, receipts, withdrawals and the stream of events, out of what was pushed.

    Each has its own time: doubled or late ones end in the same.
    """
    told = [_read(message) for message in messages]
    ids = {one.number: known for one in told if (known := one.whose()) is not None}
    here = [one for one in told if one.number in ids]
    met = {ids[one.number]: one for one in here if one.meant.is_met or one.meant.follows is not None}
    contacts.following.meet({known: one.source for known, one in met.items()}, now=now)
    _follow([one for one in here if one.meant.follows is not None], now=now)
    _let_write([one for one in here if one.meant.opens or one.meant.grants or one.meant.follows is False], now=now)
    _end(told, ids, now=now)
    holders = identity.find_holders([known.key for known in ids.values()])
    _note([one for one in here if one.meant.kind], ids, holders, now=now)
    for one in here:
        if one.meant.withdrawn:
            withdraw(
                ids[one.number],
                withdrawn=one.meant.withdrawn,
                revoked=one.meant.revoked,
                at=one.meant.at,
                now=now,
            )


def _read(message: inbox.Message) -> Told:
    meant = rules.read(message.payload["fields"], received_at=message.received_at)
    return Told(message.id, message.payload["account"], meant)


def _follow(told: Sequence[Told], *, now: dt.datetime) -> None:
    changes = [
        contacts.Change(
            one.account,
            one.meant.openid,
            bool(one.meant.follows),
            one.meant.at,
            scene=one.meant.scene,
            way=one.meant.way,
        )
        for one in told
    ]
    if changes:
        contacts.following.take(changes, now=now)


def _let_write(told: Sequence[Told], *, now: dt.datetime) -> None:
    """What they did lets us write to them: by customer service for a while (C8), or by a template once for each yes (R01)."""
    for one in told:
        if one.meant.follows is False:
            messaging.windows.close(one.account, openid=one.meant.openid, now=one.meant.at)
        elif one.meant.opens:
            messaging.windows.open(one.account, openid=one.meant.openid, opened_by=one.meant.opens, now=one.meant.at)
    changes = [
        messaging.grants.GrantChange(one.account, one.meant.openid, template, change, one.meant.at)
        for one in sorted(told, key=lambda one: one.meant.at)
        for template, change in one.meant.grants
    ]
    if changes:
        messaging.grants.take(changes, now=now)


def _end(told: Sequence[Told], ids: Mapping[int, identity.Identifier], *, now: dt.datetime) -> None:
    """What became of messages that were sent. Who is in it may be the platform itself: then the message's id says which."""
    receipts = [
        messaging.Receipt(
            account=one.account,
            outcome="delivered" if arrival.arrived else "failed",
            at=one.meant.at,
            platform_id=arrival.platform_id or None,
            openid=one.meant.openid if one.number in ids else None,
            template_id=arrival.template_id,
            code=arrival.code or None,
        )
        for one in told
        for arrival in one.meant.arrivals
    ]
    if receipts:
        messaging.receipts.take(receipts, now=now)


def _note(
    told: Sequence[Told],
    ids: dict[int, identity.Identifier],
    holders: dict[tuple[str, str, bytes], identity.Holder],
    *,
    now: dt.datetime,
) -> None:
    """Everything said becomes an event of whose it is."""
    occurrences = []
    for one in told:
        holder = holders.get(ids[one.number].key)
        if holder is not None:
            data = {"account": one.account, **one.meant.data}
            cause, born = f"inbox/{one.number}", holder.born_customer_id
            occurrences.append(
                tracking.Occurrence(one.meant.kind, holder.customer_id, cause, one.meant.at, data, one.source, born)
            )
    if occurrences:
        tracking.record(occurrences, now=now)
