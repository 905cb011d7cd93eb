"""How far a day's look ahead has come."""

import datetime as dt

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.policy import policy
from app.outreach.notices.rules import NoticesPolicy

policy("notices")(NoticesPolicy)


class LookAhead(Base):
    """Of this look ahead, on this day of the brand's, everything up to `after_id` was told; `done` when nothing is left."""

    __tablename__ = "notice_look_ahead"
    __table_args__ = (PrimaryKeyConstraint("name", "day"),)
    name: Mapped[str]
    day: Mapped[dt.date]
    after_id: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)
