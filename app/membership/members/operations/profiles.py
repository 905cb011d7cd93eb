"""Name and birthday, both optional."""

import datetime as dt

from app.kernel.clock import brand_day
from app.kernel.database import db
from app.membership.members.models import Member
from app.membership.members.operations.joining import check_age
from app.membership.members.queries import members, pages
from app.membership.members.queries.cards import Card, get_card
from app.membership.members.refusals import BirthdaySet, NotMember


def change_profile(
    *,
    customer_id: int,
    full_name: str | None = None,
    birthday: dt.date | None = None,
    by_lead: bool = False,
    now: dt.datetime,
) -> Card:
    """Set what is given. The birthday is set once; a lead may correct it once in a calendar year (C11).

    Raises NotMember, BirthdaySet, BirthdayUnlikely, TooYoung.
    """
    row = members.lock_members([customer_id]).get(customer_id)
    if row is None:
        raise NotMember
    for known in pages.own_rows(row) if full_name is not None else ():
        known.full_name = full_name
    if birthday is not None and birthday != row.birthday:
        _set_birthday(row, birthday, by_lead=by_lead, now=now)
    db.session.flush()
    return get_card(customer_id, now)


def _set_birthday(row: Member, birthday: dt.date, *, by_lead: bool, now: dt.datetime) -> None:
    check_age(birthday, now=now)
    corrected = row.birthday_corrected_at
    if row.birthday is not None:
        if not by_lead or (corrected is not None and brand_day(corrected).year == brand_day(now).year):
            raise BirthdaySet
        corrected = now
    for known in pages.own_rows(row):
        known.birthday, known.birthday_set_at, known.birthday_corrected_at = birthday, now, corrected
