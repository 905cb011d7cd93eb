"""By what people can be written to: their living openids and phone numbers, set-wise, decrypted only where they are used."""

import functools
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel.crypto import decrypt
from app.kernel.database import Statement

# Asks for `customer_ids`; goes along with other questions. The newest comes last.
ADDRESSES = Statement(
    lambda: text(
        "SELECT customer_id, kind, scope, token, value FROM identity"
        " WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND until IS NULL AND kind IN ('openid', 'phone')"
        " ORDER BY since, id"
    )
)
# Asks for `customer_ids`: each with the former selves that have become one with them.
SELVES = Statement(
    lambda: text("SELECT customer_id, id FROM former_customer WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))")
)


@dataclass(frozen=True)
class Address:
    """One living openid (`scope`: of which app) or phone number. `token`: its short name in our tables."""

    customer_id: int
    kind: str
    scope: str
    token: uuid.UUID
    stored: bytes

    @functools.cached_property
    def value(self) -> str:
        """In full: the openid, or the number in E.164."""
        return decrypt(self.stored)


def addresses_in(rows: Iterable[Mapping[str, Any]]) -> list[Address]:
    """The rows of ADDRESSES as addresses."""
    return [Address(row["customer_id"], row["kind"], row["scope"], row["token"], bytes(row["value"])) for row in rows]
