"""Cards of the former system that wait for their holders."""

from sqlalchemy import select

from app.kernel.crypto import blind_index
from app.kernel.database import db
from app.membership.members.models import OldCard
from app.membership.members.rules import joining, old_cards


def name_hash(name: str) -> bytes:
    """The keyed form of a name, or of a name's digest: equal for equal names."""
    return blind_index("old_card_name", name if old_cards.is_digest(name) else joining.name_digest(name))


def lock_waiting_by_phone(phone_index: bytes) -> list[OldCard]:
    """Unbound cards of a number, locked in order until the transaction ends."""
    waiting = select(OldCard).where(OldCard.phone_index == phone_index, OldCard.bound_customer_id.is_(None))
    return list(
        db.session.scalars(
            waiting.order_by(OldCard.number_index).with_for_update().execution_options(populate_existing=True)
        )
    )


def lock_by_number(number_index: bytes) -> OldCard | None:
    """A card, bound or not, locked until the transaction ends."""
    wanted = select(OldCard).where(OldCard.number_index == number_index)
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
