"""What limits people who became one, or two again: their rows go over, what is counted of them is counted anew."""

from collections.abc import Sequence

from sqlalchemy import delete, text

from app.kernel.database import Base, db
from app.kernel.re_pointing import Move, re_point
from app.outreach.messaging.models import Grant, Peace, ReachCount, Refusal, ServiceWindow

TABLES: tuple[type[Base], ...] = (Grant, ServiceWindow, Refusal, Peace)

# The attempts are the truth: what they hold has been used up, and deliveries have gone over before.
_COUNT_AGAIN = text(
    "INSERT INTO reach_count (customer_id, period, scope, number)"
    " SELECT delivery.customer_id, counted ->> 0, counted ->> 1, count(*) FROM delivery"
    " JOIN delivery_attempt AS attempt ON attempt.delivery_id = delivery.id"
    " CROSS JOIN jsonb_array_elements(attempt.reserved -> 'counts') AS counted"
    " WHERE delivery.customer_id = ANY(CAST(:people AS bigint[])) GROUP BY 1, 2, 3"
)


def go_over(moves: Sequence[Move]) -> None:
    """Everything born to the selves that move is with whom they are now; caps that the two exceed together stop more."""
    for table in TABLES:
        re_point(table, moves)
    people = sorted({who for source, target, _ in moves for who in (source, target)})
    db.session.execute(delete(ReachCount).where(ReachCount.customer_id.in_(people)))
    db.session.execute(_COUNT_AGAIN, {"people": people})
