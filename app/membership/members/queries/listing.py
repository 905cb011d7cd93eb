"""Members as lists show them."""

from sqlalchemy import select

from app.kernel.database import db
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.membership.members.models import Member
from app.membership.members.queries.members import MemberView, view_of


def list_members(*, cursor: str | None = None, limit: int = 50) -> Page[MemberView]:
    """All members, the newest customers first. Raises CursorInvalid."""
    wanted = select(Member).order_by(Member.customer_id.desc()).limit(limit + 1)
    if cursor is not None:
        wanted = wanted.where(Member.customer_id < _position(cursor))
    rows = [view_of(row) for row in db.session.scalars(wanted)]
    return page_of(rows, limit, lambda member: [member.customer_id])


def find_by_card(card_number: str) -> MemberView | None:
    """The member who holds this card."""
    row = db.session.scalars(select(Member).where(Member.card_number == card_number)).one_or_none()
    return view_of(row) if row else None


def _position(cursor: str) -> int:
    try:
        (customer_id,) = decode_cursor(cursor)
        return int(customer_id)
    except (TypeError, ValueError):
        raise CursorInvalid from None
