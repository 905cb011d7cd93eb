"""Purposes with words, deliveries that are due, and people who may be written to. Call inside a test's transaction."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from app.kernel.database import db
from app.outreach import materials
from app.outreach.messaging.models import Attempt, Delivery, Dispatch
from app.outreach.messaging.operations import grants, judging
from app.people import contacts, identity, privacy
from tests.factories.people import APPID, a_customer, a_phone

OA = "wxfedcba9876543210"
TEMPLATE = "oa-template-1"
ACCOUNTS = {"oa_template": OA, "oa_subscription": OA, "oa_service": OA, "mp_subscription": APPID}
_numbers = itertools.count(1)


def a_purpose(now: dt.datetime, *channels: str, **more: Any) -> materials.PurposeView:
    """A purpose of service that says 积分 in each of these channels."""
    number, template = next(_numbers), more.pop("template", "")
    drafted: dict[str, Any] = {"code": f"purpose_{number}", "name": f"通知 {number}", "kind": "service"} | more
    drafted.setdefault("variables", {"points": {"title": "积分", "sample": "100"}})
    purpose = materials.purposes.save(materials.purposes.PurposeDraft(channels=channels, **drafted), now=now)
    for channel in channels:
        words_for(purpose, channel, now=now, template=template)
    return purpose


def words_for(
    purpose: materials.PurposeView, channel: str, *, now: dt.datetime, account: str | None = None, template: str = ""
) -> None:
    """What a purpose says in one channel of one account."""
    by_template = channel.endswith(("template", "subscription"))
    said: dict[str, Any] = {"fields": {"number1": "{{points}}"}} if by_template else {"body": "您有 {{points}} 积分"}
    if channel in ("sms", "voice"):
        said = {"fields": {"points": "{{points}}"}, "body": "您有${points}积分，拒收请回复R"}
    where = ACCOUNTS.get(channel, "") if account is None else account
    template = template or f"{channel}-1"
    words = materials.WordsView(
        purpose.id, channel, where, template_id=None if channel == "oa_service" else template, **said
    )
    materials.words.save_words(words, now=now)


def a_person(now: dt.datetime, *, phone: str = "", agreed: bool = True, follows: Sequence[str] = (OA,)) -> int:
    """Somebody with a phone number who follows the account, knows the mini-program and agreed to marketing."""
    number = next(_numbers)
    customer_id = a_customer(now, openid=f"o-mp-{number:06}", phone=phone or a_phone())
    for account in follows:
        openid = identity.identifier("openid", f"o-oa-{number:06}", scope=account)
        identity.attach(customer_id=customer_id, identifier=openid, proof="proven", now=now)
        follow(customer_id, now, account=account)
    if agreed:
        says(customer_id, now, marketing=True)
    return customer_id


def openid_of(customer_id: int, account: str = OA) -> str:
    """Their newest openid of an account."""
    held = [one for one in identity.list_identities(customer_id) if (one.kind, one.scope) == ("openid", account)]
    return held[-1].value


def follow(customer_id: int, now: dt.datetime, *, account: str = OA, follows: bool = True) -> None:
    """They follow an account, or leave it."""
    change = contacts.Change(account, openid_of(customer_id, account), follows=follows, at=now)
    contacts.following.take([change], now=now)


def grant(
    customer_id: int, now: dt.datetime, *said: str, template: str = "mp_subscription-1", account: str = APPID
) -> None:
    """They answer so to a template, once after the other; just yes, where nothing is said."""
    changes = [
        grants.GrantChange(account, openid_of(customer_id, account), template, answer)  # type: ignore[arg-type]
        for answer in said or ("accept",)
    ]
    grants.take(changes, now=now)


def says(customer_id: int, now: dt.datetime, **answers: bool) -> None:
    """They answer to purposes of consent."""
    privacy.record_consents(
        customer_id=customer_id, answers=answers, version=privacy.notice_version(), place="miniprogram", now=now
    )


def a_dispatch(purpose: materials.PurposeView, now: dt.datetime, **more: Any) -> Dispatch:
    """A running dispatch of a purpose."""
    columns: dict[str, Any] = {
        "code": f"campaign:{next(_numbers)}",
        "purpose_id": purpose.id,
        "name": purpose.name,
        "state": "running",
        "priority": purpose.priority,
        "opened_at": now,
        "changed_at": now,
    } | more
    dispatch = Dispatch(**columns)
    db.session.add(dispatch)
    db.session.flush()
    return dispatch


def a_delivery(
    purpose: materials.PurposeView, customer_id: int, now: dt.datetime, dispatch: Dispatch | None = None, **more: Any
) -> judging.Candidate:
    """A delivery that a worker has just leased, as it is put to judgement."""
    dispatch = dispatch or a_dispatch(purpose, now)
    tried = more.pop("tried", ())
    columns: dict[str, Any] = {
        "dispatch_id": dispatch.id,
        "purpose_id": purpose.id,
        "customer_id": customer_id,
        "born_customer_id": customer_id,
        "occasion": f"occasion:{next(_numbers)}",
        "values": {"points": "100"},
        "state": "sending",
        "leased_until": now + dt.timedelta(seconds=30),
        "due_at": now,
        "expires_at": now + dt.timedelta(minutes=purpose.valid_minutes),
        "planned_at": now,
    } | more
    if columns["state"] != "sending":
        columns["leased_until"] = None
    row = Delivery(**columns)
    db.session.add(row)
    db.session.flush()
    return candidate(row, purpose, dispatch, tried=tried)


def candidate(
    row: Delivery, purpose: materials.PurposeView, dispatch: Dispatch, *, tried: Sequence[str] = ()
) -> judging.Candidate:
    """A delivery as it is put to judgement."""
    return judging.Candidate(
        delivery_id=row.id,
        customer_id=row.customer_id,
        born_customer_id=row.born_customer_id,
        purpose=purpose,
        dispatch_id=dispatch.id,
        control_percent=dispatch.control_percent,
        control_salt=dispatch.control_salt,
        occasion=row.occasion,
        values=row.values,
        due_at=row.due_at,
        expires_at=row.expires_at,
        tried=tuple(tried),
        staff_id=row.staff_id,
    )


def verdict(one: judging.Candidate, now: dt.datetime) -> judging.Verdict:
    """What is judged of a single delivery."""
    (found,) = judging.judge([one], now=now)
    return found


def an_attempt(go: judging.Go, now: dt.datetime, *, number: int = 1, **more: Any) -> Attempt:
    """What is written down before the call."""
    columns: dict[str, Any] = {
        "delivery_id": go.delivery_id,
        "number": number,
        "channel": go.channel,
        "account": go.account,
        "template_id": go.rendered.template_id,
        "started_at": now,
        "reserved": go.reserved,
    } | more
    row = Attempt(**columns)
    db.session.add(row)
    db.session.flush()
    return row


def goes(one: judging.Candidate, now: dt.datetime) -> judging.Go:
    """It may go, and its attempt is written down."""
    found = verdict(one, now)
    assert isinstance(found, judging.Go), found
    an_attempt(found, now)
    return found


def told(one: judging.Candidate, now: dt.datetime) -> str:
    """The channel by which it goes, or the reason why not."""
    found = verdict(one, now)
    return found.channel if isinstance(found, judging.Go) else found.reason
