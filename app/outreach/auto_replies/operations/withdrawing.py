"""Deleting what somebody took back, or what goes with a closed WeChat account (L04)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select

from app.kernel.database import db
from app.knowledge import tracking
from app.membership import members
from app.outreach.auto_replies.models import Conversation, ConversationLine
from app.outreach.auto_replies.rules.withdrawing import what_goes
from app.people import contacts, identity

_WORDS, _PLACES = ("wechat_message",), ("wechat_location",)


def withdraw(
    known: identity.Identifier, *, withdrawn: str, revoked: Sequence[str], at: dt.datetime, now: dt.datetime
) -> bool:
    """Delete what must go of whoever holds this openid; False where nobody does. Told again it deletes nothing more."""
    customer_id = identity.find_customer(known)
    if customer_id is None:
        return False
    going = what_goes(withdrawn, revoked)
    kinds = [*(_WORDS if going.words else ()), *(_PLACES if going.places else ())]
    if kinds:
        tracking.erase(customer_id=customer_id, kinds=kinds)
    if going.words:
        said = select(Conversation.id).where(Conversation.openid_token == known.token)
        lines = delete(ConversationLine).where(
            ConversationLine.customer_id == customer_id, ConversationLine.conversation_id.in_(said)
        )
        db.session.execute(lines.execution_options(synchronize_session=False))
    if going.name and members.are_members([customer_id]):
        members.change_profile(customer_id=customer_id, full_name="", now=now)
    if going.account and contacts.followers.ever_followed(known.token):
        contacts.following.take([contacts.Change(known.scope, known.value, False, at)], now=now)
    identity.Withdrawal(known, account=going.account, phone=going.phone).carry_out(now=now)
    return True
