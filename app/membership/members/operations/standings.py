"""Writing down where members stand: the row, the history of tiers, and the facts that follow."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, text

from app.kernel.database import Statement, db
from app.membership.members.facts import TierChanged
from app.membership.members.models import Member, TierPeriod
from app.membership.members.queries.history import Period, running_periods
from app.membership.members.queries.members import level_of
from app.membership.members.rules import tiers


@dataclass(frozen=True)
class Outcome:
    """What counting came to for one member: the standing and all earned periods since `anchored_at`."""

    row: Member
    anchored_at: dt.datetime
    standing: tiers.Standing
    steps: Sequence[tiers.Step]
    is_new: bool = False


def set_standing(row: Member, *, standing: tiers.Standing) -> None:
    """Put a standing into a member's row."""
    row.base_level, row.counts_from = standing.base_level, standing.counts_from
    row.base_until, row.base_why = standing.base_until, standing.base_why
    row.earned_level, row.earned_since, row.earned_until = standing.level, standing.since, standing.until
    row.earned_why, row.growth, row.kept = standing.why, standing.growth, standing.kept
    row.review_at = min(standing.until, row.given_until) if row.given_until else standing.until


def write_outcomes(outcomes: Sequence[Outcome], *, now: dt.datetime) -> list[TierChanged]:
    """Write standings and tier histories; the changes to announce. The rows must be locked."""
    changed = [outcome for outcome in outcomes if _moves(outcome)]
    facts = []
    for outcome in outcomes:
        former = level_of(outcome.row)
        set_standing(outcome.row, standing=outcome.standing)
        facts += _change(outcome, former, now)
    db.session.flush()
    if changed:
        _write_periods(changed, now)
    return facts


def _moves(outcome: Outcome) -> bool:
    row, standing = outcome.row, outcome.standing
    before = (row.earned_level, row.earned_since, row.earned_until)
    return outcome.is_new or before != (standing.level, standing.since, standing.until)


def _change(outcome: Outcome, former: int, now: dt.datetime) -> list[TierChanged]:
    level = level_of(outcome.row)
    reviewed = outcome.standing.counts_from > outcome.anchored_at
    if level > former:
        why = "raised"
    elif level < former:
        why = "fell" if reviewed else "returned"
    elif reviewed and level > 0 and outcome.standing.base_why == "kept":
        why = "kept"
    else:
        return []
    return [TierChanged(outcome.row.customer_id, former, level, why, now)]


_CLOSE = Statement(
    lambda: text(
        "UPDATE tier_period AS period SET voided_at = closed.voided,"
        " ended_at = CASE WHEN closed.voided IS NULL THEN closed.ended ELSE period.ended_at END"
        " FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:ids AS bigint[]), CAST(:ended AS timestamptz[]),"
        " CAST(:voided AS timestamptz[])) AS closed (customer_id, id, ended, voided)"
        " WHERE period.customer_id = closed.customer_id AND period.id = closed.id"
    )
)


def _write_periods(outcomes: Sequence[Outcome], now: dt.datetime) -> None:
    """Keep the periods that still hold, void those that never were, add the new ones, end all but the last."""
    anchors = {outcome.row.customer_id: outcome.anchored_at for outcome in outcomes}
    known = running_periods(anchors)
    new: list[dict[str, object]] = []
    voided: list[tuple[int, int, None]] = []
    ends: list[tuple[int, int, dt.datetime | None]] = []
    for outcome in outcomes:
        customer_id = outcome.row.customer_id
        steps = list(outcome.steps)
        had = known.get(customer_id, [])
        same = _common(had, steps)
        voided += [(customer_id, period_id, None) for period_id, *_ in had[same:]]
        closing = [*(step.since for step in steps[1:]), None]
        ends += [(customer_id, period[0], end) for period, end in zip(had, closing[:same], strict=False)]
        new += [_period(outcome.row, step, end) for step, end in zip(steps[same:], closing[same:], strict=True)]
    if voided or ends:
        _CLOSE.rows(
            db.session(),
            customer_ids=[customer_id for customer_id, *_ in ends + voided],
            ids=[period_id for _, period_id, *_ in ends + voided],
            ended=[end for *_, end in ends] + [None] * len(voided),
            voided=[None] * len(ends) + [now] * len(voided),
        )
    if new:
        db.session.execute(insert(TierPeriod), new)


def _common(periods: Sequence[Period], steps: Sequence[tiers.Step]) -> int:
    """How many periods from the first one on are as counted."""
    same = 0
    for (_, *period), step in zip(periods, steps, strict=False):
        if period != [step.level, step.since, step.until]:
            break
        same += 1
    return same


def _period(row: Member, step: tiers.Step, ended_at: dt.datetime | None) -> dict[str, object]:
    return {
        "customer_id": row.customer_id,
        "born_customer_id": row.customer_id,
        "source": "earned",
        "level": step.level,
        "why": step.why,
        "since": step.since,
        "valid_until": step.until,
        "ended_at": ended_at,
    }
