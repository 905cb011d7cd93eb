"""Tables that belong to the kernel itself; importing this module makes all of them known."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import inbox as inbox
from app.kernel import job_runs as job_runs
from app.kernel import nonces as nonces
from app.kernel import outbox as outbox
from app.kernel import policy as policy
from app.kernel import request_keys as request_keys
from app.kernel import row_images as row_images
from app.kernel.database import Base


class ClockOffset(Base):
    """How far the test clock is moved, in seconds; one row or none."""

    __tablename__ = "clock_offset"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offset_seconds: Mapped[Decimal] = mapped_column(Numeric)
