"""Taking the card."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from app.kernel import carrier, policy
from app.kernel.clock import brand_day
from app.kernel.crypto import blind_index
from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.locks import lock
from app.membership.members.facts import MemberJoined
from app.membership.members.models import JoiningGiftClaim, Member, OldCard
from app.membership.members.operations.growth import book
from app.membership.members.operations.old_cards import name_holder, open_cards
from app.membership.members.queries import members, old_cards, tiers
from app.membership.members.queries.cards import card_number_of
from app.membership.members.queries.members import MemberView
from app.membership.members.refusals import BirthdayUnlikely, ConsentMissing, PhoneIsMember, PhoneTaken, TooYoung
from app.membership.members.rules import joining
from app.people import identity, privacy, teams
from app.trade import orders
from app.trade.orders import OrderPaid, OrderRefunded

OLDEST_YEARS = 120
NOTICE = "notice"


@dataclass(frozen=True)
class Profile:
    """What somebody brings to the card. `notice_version`: the notice they agreed to, at `place` (L01); the rest may stay
    empty."""

    notice_version: str
    full_name: str | None = None
    birthday: dt.date | None = None
    place: str = "miniprogram"


def join(
    *,
    customer_id: int,
    now: dt.datetime,
    phone: identity.Identifier | None = None,
    proof: str = "picked",
    profile: Profile,
) -> MemberView:
    """Give a customer the card and tell everybody upstairs; who has it already gets the same card again (C03).

    Without `phone` the number the customer is known by counts; who was known by this number as a guest only (at a counter)
    becomes one with them, and the card may be another customer's than the one named. All old cards of the number are bound
    in one go (C08), past orders count as far as they earn (O05). Raises ConsentMissing, TooYoung, BirthdayUnlikely,
    PhoneIsMember (masked, C04) or PhoneTaken.
    """
    lock(db.session(), f"member:{customer_id}")
    found = members.find_member(customer_id)
    if found is not None:
        return found
    check_profile(profile, now=now)
    present = customer_id
    if phone is not None:
        present = _with_phone(customer_id=customer_id, phone=phone, proof=proof, now=now)
    with carrier.carried_by({present: carrier.born(customer_id)}):
        return _take(present, profile, now)


def _take(customer_id: int, profile: Profile, now: dt.datetime) -> MemberView:
    cards = _old_cards_of(customer_id)
    _name_holder(customer_id, [card.number for card in cards], now)
    # Ids first, the customer's row after them: whoever writes orders takes them in the same order.
    members.lock_customer(customer_id)
    _record_consent(customer_id, profile, now)
    row = _new_member(customer_id, profile, now)
    row.gift = _gift(row, has_cards=bool(cards), now=now)
    db.session.add(row)
    entries, bound = open_cards(row=row, cards=cards, now=now)
    past = orders.list_order_facts([customer_id], paid_since=row.earns_since, now=now)
    counted = [fact for fact in past if isinstance(fact, OrderPaid | OrderRefunded)]
    changes = book(rows={customer_id: row}, facts=counted, booked={}, first=entries, is_new=True, now=now)
    announce([MemberJoined(customer_id, row.card_number, now, row.earns_since, row.gift, now), *bound, *changes])
    return members.get_member(customer_id)


def _record_consent(customer_id: int, profile: Profile, now: dt.datetime) -> None:
    answers = {NOTICE: True}
    privacy.record_consents(
        customer_id=customer_id, answers=answers, version=profile.notice_version, place=profile.place, now=now
    )


def _old_cards_of(customer_id: int) -> list[OldCard]:
    number = identity.phones.find_phone(customer_id)
    return old_cards.lock_waiting_by_phone(identity.identifier("phone", number).index) if number else []


def _name_holder(customer_id: int, numbers: Sequence[str], now: dt.datetime) -> None:
    own = card_number_of(carrier.born(customer_id))
    identity.attach(customer_id=customer_id, identifier=identity.identifier("card", own), proof="proven", now=now)
    if numbers:
        name_holder(own_number=own, numbers=numbers, now=now)


def _gift(row: Member, *, has_cards: bool, now: dt.datetime) -> str | None:
    """The gift that is due (C10, X01); claimed with it, so that it is due once."""
    since = joining.months_before(now, policy.current(joining.MembersPolicy).new_customer_months)
    bought = orders.count_paid_orders([row.customer_id], since=since)
    return joining.gift_for(
        is_staff=row.is_staff,
        given_before=not _claim_gift(customer_id=row.customer_id, now=now),
        is_old_buyer=has_cards or bool(bought),
    )


def check_profile(profile: Profile, *, now: dt.datetime) -> None:
    """Whether somebody may take the card as they say they are. Raises ConsentMissing, TooYoung, BirthdayUnlikely."""
    if profile.notice_version != (present := privacy.notice_version()):
        raise ConsentMissing(notice_version=present)
    if profile.birthday is not None:
        check_age(profile.birthday, now=now)


def check_age(birthday: dt.date, *, now: dt.datetime) -> None:
    """Whether somebody born then may have the card. Raises BirthdayUnlikely, TooYoung (L03)."""
    age, youngest = joining.age_on(birthday, brand_day(now)), policy.current(joining.MembersPolicy).youngest_age
    if not 0 <= age <= OLDEST_YEARS:
        raise BirthdayUnlikely
    if age < youngest:
        raise TooYoung(youngest=youngest)


def _with_phone(*, customer_id: int, phone: identity.Identifier, proof: str, now: dt.datetime) -> int:
    """Who has the number and the customer's own ids now: a guest who was known by it is the same person."""
    try:
        identity.attach(customer_id=customer_id, identifier=phone, proof=proof, now=now)
    except identity.IdentityTaken:
        return _meet_holder(customer_id=customer_id, phone=phone, proof=proof, now=now)
    return customer_id


def _meet_holder(*, customer_id: int, phone: identity.Identifier, proof: str, now: dt.datetime) -> int:
    holder = identity.find_customer(phone)
    if holder is None:
        raise PhoneTaken
    member = members.find_member(holder)
    if member is not None:
        raise PhoneIsMember(name=member.masked_name, phone_tail=phone.value[-2:])
    own = identity.list_identities(customer_id)
    if not own:
        raise PhoneTaken
    mine = identity.identifier(own[0].kind, own[0].value, scope=own[0].scope)
    seen = identity.observing.Observation((mine, phone), "card", now, proof)
    if identity.observing.observe(seen, now=now).held:
        raise PhoneTaken
    present = identity.find_customer(mine)
    return customer_id if present is None else present


def _new_member(customer_id: int, profile: Profile, now: dt.datetime) -> Member:
    rules = policy.current(joining.MembersPolicy)
    until = now + tiers.ladder().validity
    return Member(
        customer_id=customer_id,
        born_customer_id=carrier.born(customer_id),
        card_number=card_number_of(carrier.born(customer_id)),
        joined_at=now,
        member_since=brand_day(now),
        earns_since=joining.earns_since(now, rules.history_days),
        is_staff=customer_id in teams.are_staff([customer_id]),
        notice_version=profile.notice_version,
        full_name=profile.full_name,
        birthday=profile.birthday,
        birthday_set_at=now if profile.birthday else None,
        base_level=0,
        counts_from=now,
        base_until=until,
        base_why="joined",
        earned_level=0,
        earned_since=now,
        earned_until=until,
        earned_why="joined",
        growth=0,
        kept=0,
        review_at=until,
    )


def _claim_gift(*, customer_id: int, now: dt.datetime) -> bool:
    """Write down that this person had a joining gift; False where one of their ids had it before (C10)."""
    held = [one for one in identity.list_identities(customer_id) if one.kind in {"phone", "unionid"}]
    hashes = sorted({blind_index("joining_gift", f"{one.kind}:{one.value}") for one in held})
    whose = {"customer_id": customer_id, "born_customer_id": carrier.born(customer_id), "claimed_at": now}
    rows = [{"person_hash": digest} | whose for digest in hashes]
    if not rows:
        return True
    claim = insert(JoiningGiftClaim).on_conflict_do_nothing().returning(JoiningGiftClaim.person_hash)
    return len(db.session.scalars(claim, rows).all()) == len(rows)
