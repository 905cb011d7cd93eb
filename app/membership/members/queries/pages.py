"""The pages of the growth ledger: what members' standings follow from."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select, text

from app.kernel import carrier
from app.kernel.database import Statement, db
from app.membership.members.models import Member, MemberSelf
from app.membership.members.queries.members import entry_of, standing_of
from app.membership.members.rules.merging import Page, Self
from app.membership.members.rules.tiers import rewind

_ENTRIES = Statement(
    lambda: text(
        "SELECT entry.customer_id, entry.page_customer_id, entry.counts_at, entry.amount, entry.lift_level,"
        " entry.lift_until FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:since AS timestamptz[]))"
        " AS year (customer_id, since)"
        " JOIN growth_entry AS entry ON entry.customer_id = year.customer_id AND entry.counts_at >= year.since"
    )
)


def pages_of(rows: Mapping[int, Member]) -> dict[int, Page]:
    """Each member's page with the growth of the running year; for who stands by merges, of the years of their selves."""
    selves = list_selves(rows)
    pages = {
        customer_id: Page(
            row.born_customer_id,
            rewind(standing_of(row)),
            tuple(self_of(own) for own in selves.get(customer_id, ())),
        )
        for customer_id, row in rows.items()
    }
    fill(pages)
    return pages


def fill(pages: Mapping[int, Page]) -> None:
    """Put the growth entries that count onto the pages."""
    since = {
        customer_id: min([own.anchor.counts_from for own in page.selves]) if page.is_joint else page.anchor.counts_from
        for customer_id, page in pages.items()
    }
    for row in _ENTRIES.rows(db.session(), customer_ids=list(since), since=list(since.values())):
        pages[row["customer_id"]].add(entry_of(row), page=row["page_customer_id"])


def list_selves(customer_ids: Collection[int]) -> dict[int, list[MemberSelf]]:
    """The former selves who had the card, of those who were merged."""
    wanted = select(MemberSelf).where(MemberSelf.customer_id == func.any(list(customer_ids)))
    found: dict[int, list[MemberSelf]] = {}
    wanted = wanted.order_by(MemberSelf.customer_id, MemberSelf.born_customer_id)
    for own in db.session.scalars(wanted.execution_options(populate_existing=True)):
        found.setdefault(own.customer_id, []).append(own)
    return found


def self_of(own: MemberSelf) -> Self:
    """A former self as the rules see it."""
    merges = tuple(zip(own.merge_ids, own.merged_at, strict=True))
    return Self(own.born_customer_id, rewind(standing_of(own)), merges)


def own_row(row: Member) -> MemberSelf | None:
    """The former self to whom a change of a member's row is born; None for who was never merged."""
    selves = {own.born_customer_id: own for own in list_selves([row.customer_id]).get(row.customer_id, ())}
    return selves.get(carrier.born(row.customer_id)) or selves.get(row.born_customer_id)


def own_rows(row: Member) -> Sequence[Member | MemberSelf]:
    """The rows that a change of a member goes into: the member's, and that of the self who makes it."""
    own = own_row(row)
    return [row] if own is None else [row, own]
