"""Phone numbers of customers."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.database import db
from app.people.identity.models import IdentityRow
from app.people.identity.rules import mask_phone as mask_phone


def find_phone(customer_id: int) -> str | None:
    """The customer's phone number in full (E.164), the newest where there are several."""
    return phones_of([customer_id]).get(customer_id)


def phones_of(customer_ids: Sequence[int]) -> dict[int, str]:
    """Phone numbers in full (E.164) by customer; who has none is left out."""
    living = (
        select(IdentityRow.customer_id, IdentityRow.value)
        .where(
            IdentityRow.customer_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
            IdentityRow.kind == "phone",
            IdentityRow.until.is_(None),
        )
        .order_by(IdentityRow.since, IdentityRow.id)
    )  # the newest comes last and stays
    return {row.customer_id: row.value for row in db.session.execute(living, {"ids": list(customer_ids)})}


def phone_indexes_of(customer_ids: Sequence[int]) -> dict[bytes, int]:
    """The blind indexes of these customers' living phone numbers, each with its holder."""
    living = select(IdentityRow.customer_id, IdentityRow.value_index).where(
        IdentityRow.customer_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        IdentityRow.kind == "phone",
        IdentityRow.until.is_(None),
    )
    rows = db.session.execute(living, {"ids": list(customer_ids)})
    return {bytes(row.value_index): row.customer_id for row in rows}
