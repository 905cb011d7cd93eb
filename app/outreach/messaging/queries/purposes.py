"""Purposes as the pipeline needs them."""

from collections.abc import Collection

from sqlalchemy import select

from app.kernel.database import db
from app.outreach import materials
from app.outreach.messaging.refusals import PurposeUnknown


def purposes_by_code(codes: Collection[str]) -> dict[str, materials.Purpose]:
    """The purposes of these codes. Raises PurposeUnknown."""
    rows = db.session.execute(select(materials.Purpose).where(materials.Purpose.code.in_(codes))).scalars()
    found = {row.code: row for row in rows}
    if missing := sorted(set(codes) - found.keys()):
        raise PurposeUnknown(purpose=missing[0])
    return found
