"""The register of personal data: each column that holds some says why, on what basis and for how long.

    phone: Mapped[str | None] = mapped_column(EncryptedText, info=personal("reach and recognise", "contract", "membership"))

Values may say "none needed" only through `not_personal`, for columns whose name looks personal but is not.
`tests/architecture` fails for a column that looks personal and says nothing.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData


@dataclass(frozen=True)
class PersonalField:
    """One line of the register. `basis` and `retention` are words of the privacy guide (docs/personal-data.md)."""

    table: str
    column: str
    purpose: str
    basis: str
    retention: str


def personal(purpose: str, basis: str, retention: str) -> dict[str, Any]:
    """The `info` of a personal column."""
    return {"personal": (purpose, basis, retention)}


def not_personal(reason: str) -> dict[str, Any]:
    """The `info` of a column that only looks personal."""
    return {"not_personal": reason}


def list_personal_fields(metadata: MetaData) -> list[PersonalField]:
    """The register, sorted by table and column."""
    return [
        PersonalField(table.name, column.name, *column.info["personal"])
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
        for column in table.columns
        if "personal" in column.info
    ]
