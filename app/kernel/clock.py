"""The one clock. Everything that needs "now" takes it as a parameter; only entrances ask here.

With GUIYI_TEST_CLOCK=1 the time can be moved: the offset lives in one row of the database, so that web, workers and
clock follow it together. In production the row is never read.
"""

import datetime as dt
import time
import zoneinfo

from sqlalchemy import text

from app.kernel.settings import settings

BRAND_ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
# Every process looks at the row at most this often; a test that moves the clock waits no longer than this.
LOOK_EVERY_SECONDS = 0.2

_seen: tuple[float, dt.timedelta] = (float("-inf"), dt.timedelta())


def now() -> dt.datetime:
    """The present moment in UTC, moved by the test clock where that is switched on."""
    return dt.datetime.now(dt.UTC) + (offset() if settings().test_clock else dt.timedelta())


def offset() -> dt.timedelta:
    """How far the test clock is moved."""
    global _seen
    looked_at, moved = _seen
    if time.monotonic() - looked_at > LOOK_EVERY_SECONDS:
        # Imported here because the database's own tables are declared with the kernel's words.
        from app.kernel.database import reading

        with reading() as connection:
            seconds = connection.execute(text("SELECT offset_seconds FROM clock_offset")).scalar()
        moved = dt.timedelta(seconds=float(seconds or 0))
        _seen = (time.monotonic(), moved)
    return moved


def set_offset(moved: dt.timedelta) -> None:
    """Move the clock of every process. Call inside a unit of work; refused unless GUIYI_TEST_CLOCK=1."""
    global _seen
    if not settings().test_clock:
        raise RuntimeError("the clock can only be moved with GUIYI_TEST_CLOCK=1")
    from app.kernel.database import db

    db.session.execute(
        text(
            "INSERT INTO clock_offset (id, offset_seconds) VALUES (1, :seconds)"
            " ON CONFLICT (id) DO UPDATE SET offset_seconds = excluded.offset_seconds"
        ),
        {"seconds": moved.total_seconds()},
    )
    _seen = (float("-inf"), moved)


def brand_day(moment: dt.datetime) -> dt.date:
    """The brand's calendar day (Asia/Shanghai) of a moment."""
    return moment.astimezone(BRAND_ZONE).date()


def start_of_day(day: dt.date, zone: zoneinfo.ZoneInfo = BRAND_ZONE) -> dt.datetime:
    """The first moment of a calendar day, in UTC."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def end_of_day(day: dt.date, zone: zoneinfo.ZoneInfo = BRAND_ZONE) -> dt.datetime:
    """The first moment after a calendar day, in UTC: what ends that day ends before this moment."""
    return start_of_day(day + dt.timedelta(days=1), zone)
