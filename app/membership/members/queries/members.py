"""Who is a member, and where they stand."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, text
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel.database import Statement, db
from app.membership.members.models import Member, MemberSelf, Tier
from app.membership.members.queries.tiers import TierView, list_tiers
from app.membership.members.refusals import NotMember
from app.membership.members.rules import merging, tiers
from app.membership.members.rules.joining import mask_name

TRAITS = [trait.name for trait in fields(merging.Traits)]


@dataclass(frozen=True)
class MemberView:
    """A member as others see it. `level` counts from 0 and is the higher of the earned and the given tier (M10).

    `growth` counts since the counting year began; `kept` is the part that counts for keeping the earned tier.
    """

    customer_id: int
    card_number: str
    joined_at: dt.datetime
    member_since: dt.date
    earns_since: dt.datetime
    gift: str | None
    is_staff: bool
    full_name: str | None
    birthday: dt.date | None
    birthday_set_at: dt.datetime | None
    level: int
    level_until: dt.datetime
    standing: tiers.Standing
    given_level: int | None
    given_until: dt.datetime | None
    given_source: str | None

    @property
    def growth(self) -> int:
        """Growth of the running year."""
        return self.standing.growth

    @property
    def tier(self) -> TierView:
        """The tier that counts."""
        return list_tiers()[self.level]

    @property
    def masked_name(self) -> str | None:
        """What a stranger may see of the name: 林*."""
        return mask_name(self.full_name) if self.full_name else None


def standing_of(row: Member | MemberSelf) -> tiers.Standing:
    """A row as the rules see it."""
    return tiers.Standing(
        base_level=row.base_level,
        counts_from=row.counts_from,
        base_until=row.base_until,
        base_why=row.base_why,
        level=row.earned_level,
        since=row.earned_since,
        until=row.earned_until,
        why=row.earned_why,
        growth=row.growth,
        kept=row.kept,
    )


def traits_of(row: Member | MemberSelf) -> merging.Traits:
    """A row as the rules of merging see it."""
    return merging.Traits(**{name: getattr(row, name) for name in TRAITS})


def view_of(row: Member) -> MemberView:
    """A row as others see it."""
    given = row.given_level is not None and row.given_level > row.earned_level
    return MemberView(
        customer_id=row.customer_id,
        card_number=row.card_number,
        joined_at=row.joined_at,
        member_since=row.member_since,
        earns_since=row.earns_since,
        gift=row.gift,
        is_staff=row.is_staff,
        full_name=row.full_name,
        birthday=row.birthday,
        birthday_set_at=row.birthday_set_at,
        level=level_of(row),
        level_until=row.given_until if given and row.given_until else row.earned_until,
        standing=standing_of(row),
        given_level=row.given_level,
        given_until=row.given_until,
        given_source=row.given_source,
    )


def level_of(row: Member) -> int:
    """The tier that counts: the higher of the earned and the given one (M10)."""
    return max(row.earned_level or 0, row.given_level or 0)


def find_member(customer_id: int) -> MemberView | None:
    """The customer's membership, None for who has no card."""
    row = db.session.get(Member, customer_id, populate_existing=True)
    return view_of(row) if row else None


def get_member(customer_id: int) -> MemberView:
    """The customer's membership. Raises NotMember."""
    found = find_member(customer_id)
    if found is None:
        raise NotMember
    return found


_ARE_MEMBERS = Statement(lambda: text("SELECT customer_id FROM member WHERE customer_id = ANY(:customer_ids)"))


def are_members(customer_ids: Collection[int]) -> set[int]:
    """Which of these customers have the card."""
    if not customer_ids:
        return set()
    rows = _ARE_MEMBERS.rows(db.session(), customer_ids=list(customer_ids))
    return {row["customer_id"] for row in rows}


def lock_members(customer_ids: Collection[int]) -> dict[int, Member]:
    """The rows of those who are members, locked in order until the transaction ends."""
    rows = select(Member).where(Member.customer_id == func.any(sorted(customer_ids))).order_by(Member.customer_id)
    locked = db.session.scalars(rows.with_for_update().execution_options(populate_existing=True))
    return {row.customer_id: row for row in locked}


def lock_customer(customer_id: int) -> None:
    """Nobody else joins this customer, and no order of theirs is written, until the transaction ends.

    An order that is being written holds a share of its customer's row by foreign key: either it is committed before we look
    for past orders, or it waits and then finds a member. So no order falls between the two.
    """
    db.session.execute(text("SELECT id FROM customer WHERE id = :id FOR UPDATE"), {"id": customer_id})


def entry_of(row: dict[str, Any]) -> tiers.Entry:
    """A growth entry as the rules see it."""
    return tiers.Entry(row["counts_at"], row["amount"], row["lift_level"], row["lift_until"])


def summary_of(customer_id: ColumnElement[int]) -> LateralFromClause:
    """A lateral subquery for pages that compose: one row for a member, none for a guest.

    Columns: card_number, joined_at, level, tier_name, level_until, growth, kept, next_name, next_threshold.
    """
    level = func.greatest(Member.earned_level, Member.given_level)
    own, above = aliased(Tier), aliased(Tier)
    given_counts = Member.given_level > Member.earned_level
    return (
        select(
            Member.card_number,
            Member.joined_at,
            level.label("level"),
            own.name.label("tier_name"),
            case((given_counts, Member.given_until), else_=Member.earned_until).label("level_until"),
            Member.growth,
            Member.kept,
            above.name.label("next_name"),
            above.threshold.label("next_threshold"),
        )
        .outerjoin(own, own.level == level)
        .outerjoin(above, above.level == level + 1)
        .where(Member.customer_id == customer_id)
        .lateral("card")
    )
