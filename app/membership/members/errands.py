"""What needs the platform, or an answer that outlives a refusal, between two transactions."""

import datetime as dt
from dataclasses import dataclass

from app.gateways import miniprogram
from app.kernel import policy
from app.kernel.clock import brand_day
from app.kernel.errands import Errand, run_errand
from app.membership.members.operations import joining, old_cards
from app.membership.members.operations.joining import Profile
from app.membership.members.operations.old_cards import OldCardClaim
from app.membership.members.queries import members
from app.membership.members.queries.cards import Card, get_card
from app.membership.members.refusals import OldCardLocked, OldCardUnproven, PhoneNeeded
from app.membership.members.rules.joining import MembersPolicy
from app.people import identity


@dataclass(frozen=True)
class _Ready:
    """What is known before the platform is asked: a member already, a number already, or neither."""

    is_member: bool
    phone: str | None


def take_card(*, customer_id: int, openid: str, phone_code: str | None, profile: Profile, now: dt.datetime) -> Card:
    """Take the card with the phone button's code: one call, and the same card however often it is tapped (C03).

    Consent and age are looked at first (L01, L03); the platform is asked only when the number is not known yet, since every
    answer costs money (C02). Raises PhoneNeeded, what `joining.join` and `miniprogram.phone_number` raise.
    """
    return run_errand(
        Errand(
            prepare=lambda: _prepare(customer_id, phone_code, profile, now),
            go=lambda ready: _ask(ready, phone_code or "", openid),
            settle=lambda ready, phone: _join(customer_id, phone, profile, now),
        )
    )


def bind_old_card(*, customer_id: int, claim: OldCardClaim, now: dt.datetime) -> Card:
    """Bind an old card by number, name, and its phone or one purchase (C09).

    An attempt is counted and kept before it is judged, so that guessing in parallel or breaking off wins nothing; five
    failures lock for the rest of the brand's day. Raises NotMember, OldCardUnproven, OldCardLocked; none of them tells
    whether the card exists.
    """
    most = policy.current(MembersPolicy).failures_a_day
    day = brand_day(now)
    return run_errand(
        Errand(
            prepare=lambda: _count(customer_id, day, most),
            go=lambda counted: most - counted,
            settle=lambda _, left: _bind(customer_id, claim, left, now),
        )
    )


def _count(customer_id: int, day: dt.date, most: int) -> int:
    members.get_member(customer_id)
    counted = old_cards.count_attempt(customer_id=customer_id, day=day, most=most)
    if counted is None:
        raise OldCardLocked
    return counted


def _bind(customer_id: int, claim: OldCardClaim, left: int, now: dt.datetime) -> Card:
    if not old_cards.bind_claimed(customer_id=customer_id, claim=claim, now=now):
        raise OldCardUnproven(left=left)
    old_cards.forgive_attempt(customer_id=customer_id, day=brand_day(now))
    return get_card(customer_id, now)


def _prepare(customer_id: int, phone_code: str | None, profile: Profile, now: dt.datetime) -> _Ready:
    if members.find_member(customer_id) is not None:
        return _Ready(True, None)
    joining.check_profile(profile, now=now)
    phone = identity.phones.find_phone(customer_id)
    if phone is None and not phone_code:
        raise PhoneNeeded
    return _Ready(False, phone)


def _ask(ready: _Ready, phone_code: str, openid: str) -> str | None:
    if ready.is_member or ready.phone is not None:
        return None
    return miniprogram.phone_number(phone_code, openid)


def _join(customer_id: int, phone: str | None, profile: Profile, now: dt.datetime) -> Card:
    picked = identity.identifier("phone", phone) if phone is not None else None
    member = joining.join(customer_id=customer_id, phone=picked, profile=profile, now=now)
    return get_card(member.customer_id, now)
