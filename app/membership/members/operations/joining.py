"""Taking the card."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from app.kernel import policy
from app.kernel.clock import brand_day
from app.kernel.crypto import blind_index
from app.kernel.database import db
from app.kernel.facts import announce
from app.membership.members.facts import MemberJoined
from app.membership.members.models import JoiningGiftClaim, Member
from app.membership.members.operations.standings import Outcome, write_outcomes
from app.membership.members.queries import cards, members, tiers
from app.membership.members.queries.members import MemberView
from app.membership.members.refusals import BirthdayUnlikely, ConsentMissing, PhoneIsMember, PhoneTaken, TooYoung
from app.membership.members.rules import joining
from app.membership.members.rules import tiers as tier_rules
from app.people import identity

OLDEST_YEARS = 120


@dataclass(frozen=True)
class Profile:
    """What somebody brings to the card. `notice_version`: the notice they agreed to (L01); the rest may stay empty."""

    notice_version: str = ""
    full_name: str | None = None
    birthday: dt.date | None = None
    is_staff: bool = False


def join(
    *,
    customer_id: int,
    now: dt.datetime,
    phone: identity.Identifier | None = None,
    proof: str = "picked",
    profile: Profile,
) -> MemberView:
    """Give a customer the card and tell everybody upstairs; who has it already gets the same card again (C03).

    Without `phone` the number the customer is known by counts. Raises ConsentMissing, TooYoung, BirthdayUnlikely,
    PhoneIsMember (masked, C04) or PhoneTaken.
    """
    members.lock_customer(customer_id)
    found = members.find_member(customer_id)
    if found is not None:
        return found
    check_profile(profile, now=now)
    if phone is not None:
        _attach_phone(customer_id=customer_id, phone=phone, proof=proof, now=now)
    row = _new_member(customer_id, profile, now)
    row.gift = joining.gift_for(
        is_staff=profile.is_staff,
        given_before=not _claim_gift(customer_id=customer_id, now=now),
        is_old_buyer=False,
    )
    db.session.add(row)
    anchor = members.standing_of(row)
    standing, steps = tier_rules.count(anchor, [], tiers.ladder())
    changes = write_outcomes([Outcome(row, now, standing, steps)], now=now)
    announce([MemberJoined(customer_id, row.card_number, now, row.earns_since, row.gift, now), *changes])
    return members.get_member(customer_id)


def check_profile(profile: Profile, *, now: dt.datetime) -> None:
    """Whether somebody may take the card as they say they are. Raises ConsentMissing, TooYoung, BirthdayUnlikely."""
    rules = policy.current(joining.MembersPolicy)
    if profile.notice_version != rules.notice_version:
        raise ConsentMissing(notice_version=rules.notice_version)
    if profile.birthday is not None:
        check_age(profile.birthday, now=now)


def check_age(birthday: dt.date, *, now: dt.datetime) -> None:
    """Whether somebody born then may have the card. Raises BirthdayUnlikely, TooYoung (L03)."""
    age, youngest = joining.age_on(birthday, brand_day(now)), policy.current(joining.MembersPolicy).youngest_age
    if not 0 <= age <= OLDEST_YEARS:
        raise BirthdayUnlikely
    if age < youngest:
        raise TooYoung(youngest=youngest)


def _attach_phone(*, customer_id: int, phone: identity.Identifier, proof: str, now: dt.datetime) -> None:
    try:
        identity.attach(customer_id=customer_id, identifier=phone, proof=proof, now=now)
    except identity.IdentityTaken:
        holder = identity.find_customer(phone)
        member = members.find_member(holder) if holder is not None else None
        if member is None:
            raise PhoneTaken from None
        name = joining.mask_name(member.full_name) if member.full_name else None
        raise PhoneIsMember(name=name, phone_tail=phone.value[-2:]) from None


def _new_member(customer_id: int, profile: Profile, now: dt.datetime) -> Member:
    rules = policy.current(joining.MembersPolicy)
    until = now + tiers.ladder().validity
    return Member(
        customer_id=customer_id,
        born_customer_id=customer_id,
        card_number=cards.card_number_of(customer_id),
        joined_at=now,
        member_since=brand_day(now),
        earns_since=joining.earns_since(now, rules.history_days, []),
        is_staff=profile.is_staff,
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
    rows = [{"person_hash": digest, "customer_id": customer_id, "claimed_at": now} for digest in hashes]
    if not rows:
        return True
    claim = insert(JoiningGiftClaim).on_conflict_do_nothing().returning(JoiningGiftClaim.person_hash)
    return len(db.session.scalars(claim, rows).all()) == len(rows)
