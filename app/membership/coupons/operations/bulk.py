"""Give many people a coupon at once, set-wise and in chunks; each chunk is a task of the outbox.

As with one: everything else first, the counter last. Where too little is left, what was written too much is taken back
before the counter moves, so that the row is held only for the moment.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel import carrier, facts, outbox
from app.kernel.database import Statement, db
from app.membership.coupons import rules
from app.membership.coupons.facts import CouponStockLow, CouponTaken
from app.membership.coupons.models import ALARM_PERCENT, BatchRow
from app.membership.coupons.queries import get_template
from app.membership.coupons.refusals import CauseReused
from app.people import identity

CHUNK = 500
TOPIC = "coupons.grant_chunk"
log = logging.getLogger("guiyi.coupons")

_INSERT = Statement(
    lambda: text(
        "WITH written AS (INSERT INTO coupon (customer_id, born_customer_id, template_id, code, cause, taken, state,"
        " taken_at, starts_at, ends_before) SELECT customer_id, born, :template_id, code, cause, false, 'usable',"
        " :now, :starts_at, :ends_before"
        " FROM unnest(CAST(:customers AS bigint[]), CAST(:born AS bigint[]), CAST(:codes AS text[]), CAST(:causes AS text[]))"
        " AS wish (customer_id, born, code, cause)"
        # The key keeps the rest: only who was merged has a cause by more than one self.
        " WHERE NOT EXISTS (SELECT FROM coupon AS had WHERE had.customer_id = wish.customer_id AND had.cause = wish.cause)"
        " ORDER BY customer_id ON CONFLICT (customer_id, cause, born_customer_id) DO NOTHING"
        " RETURNING customer_id, born_customer_id, id, code, cause)"
        " , coded AS (INSERT INTO coupon_code (code, customer_id, coupon_id) SELECT code, customer_id, id FROM written)"
        " SELECT customer_id, born_customer_id, id, code, cause FROM written ORDER BY customer_id, id"
    )
)
_COUNT = Statement(
    lambda: text(
        "UPDATE coupon_stock SET taken = taken + :more, promised_fen = promised_fen + CAST(:more AS bigint) * :worth,"
        " alarmed_at = COALESCE(alarmed_at, CASE WHEN (taken + :more) * 100 >= total * :alarm"
        " OR (promised_fen + CAST(:more AS bigint) * :worth) * 100 >= budget_fen * :alarm THEN CAST(:now AS timestamptz) END)"
        " WHERE template_id = :template_id AND (total IS NULL OR taken + :more <= total)"
        " AND (budget_fen IS NULL OR promised_fen + CAST(:more AS bigint) * :worth <= budget_fen)"
        " RETURNING taken, promised_fen, alarmed_at = CAST(:now AS timestamptz) AS alarmed"
    )
)
_HOLD = Statement(lambda: text("SELECT template_id FROM coupon_stock WHERE template_id = :template_id FOR UPDATE"))
_TAKE_BACK = Statement(
    lambda: text(
        "WITH gone AS (DELETE FROM coupon_code WHERE code = ANY(:codes)),"
        " pooled AS (UPDATE coupon_pool_code SET given_at = NULL WHERE code = ANY(:codes))"
        " DELETE FROM coupon USING unnest(CAST(:customers AS bigint[]), CAST(:ids AS bigint[])) AS surplus (customer_id, id)"
        " WHERE coupon.customer_id = surplus.customer_id AND coupon.id = surplus.id"
    )
)
_PICK_CODES = Statement(
    lambda: text(
        "UPDATE coupon_pool_code SET given_at = :now WHERE code IN (SELECT code FROM coupon_pool_code"
        " WHERE template_id = :template_id AND given_at IS NULL ORDER BY code LIMIT :wanted FOR UPDATE SKIP LOCKED)"
        " RETURNING code"
    )
)


def grant_in_bulk(*, template_id: int, customer_ids: Sequence[int], cause: str, now: dt.datetime) -> int:
    """Order a coupon for each of many people; workers give it in chunks, once per person and cause. The batch's id.

    The same cause again is the same batch. Raises TemplateUnknown, CauseReused.
    """
    get_template(template_id)
    people = sorted(set(customer_ids))
    row = {"template_id": template_id, "cause": cause, "wanted": len(people), "granted": 0, "left_out": 0}
    added = insert(BatchRow).values(**row, created_at=now).on_conflict_do_nothing().returning(BatchRow.id)
    batch_id = db.session.execute(added).scalar_one_or_none()
    if batch_id is None:
        first = db.session.execute(select(BatchRow).where(BatchRow.cause == cause)).scalar_one()
        if first.template_id != template_id:
            raise CauseReused
        return first.id
    for start in range(0, len(people), CHUNK):
        payload = {"batch_id": batch_id, "template_id": template_id, "cause": cause}
        outbox.post(TOPIC, payload | {"customer_ids": people[start : start + CHUNK]}, due_at=now)
    return batch_id


@outbox.handles(TOPIC)
def grant_chunk(payload: dict[str, Any], *, now: dt.datetime) -> None:
    """Do one chunk of a bulk grant and count it in its batch. Who was merged since gets one coupon, born to who was named."""
    named = payload["customer_ids"]
    present = {owner: who for who, owner in identity.merging.hold_present(named).items()}
    with carrier.carried_by(present):
        wishes = [(customer_id, payload["cause"]) for customer_id in sorted(present)]
        granted = grant_many(template_id=payload["template_id"], wishes=wishes, now=now)
    more = {"granted": BatchRow.granted + granted, "left_out": BatchRow.left_out + len(named) - granted}
    db.session.execute(
        update(BatchRow)
        .where(BatchRow.id == payload["batch_id"])
        .values(**more)
        .execution_options(synchronize_session=False)
    )


def grant_many(*, template_id: int, wishes: Sequence[tuple[int, str]], now: dt.datetime) -> int:
    """Give (customer_id, cause) each a coupon as far as the template has any; how many have it now by these causes.

    Whoever has it by the same cause already keeps the first one. Who is left out is logged. Raises TemplateUnknown.
    """
    db.session.flush()
    template = get_template(template_id)
    had = _count_had(wishes)
    written: list[dict[str, Any]] = []
    if rules.why_not_taken(template, now) is None:
        written = _write(template, wishes, now)
        written = _keep_within(template, written, now)
    left_out = len(wishes) - had - len(written)
    if left_out:
        log.warning("coupons not granted", extra={"template": template_id, "left_out": left_out})
    facts.announce(
        CouponTaken(
            coupon_id=row["id"],
            customer_id=row["customer_id"],
            born_customer_id=row["born_customer_id"],
            template_id=template_id,
            cause=row["cause"],
            ends_before=rules.period_of(template.terms.validity, now).ends_before,
            at=now,
        )
        for row in written
    )
    return had + len(written)


def _count_had(wishes: Sequence[tuple[int, str]]) -> int:
    counted = text(
        "SELECT count(DISTINCT (customer_id, cause)) FROM coupon"
        " JOIN unnest(CAST(:customers AS bigint[]), CAST(:causes AS text[]))"
        " AS wish (customer_id, cause) USING (customer_id, cause)"
    )
    pairs = {"customers": [wish[0] for wish in wishes], "causes": [wish[1] for wish in wishes]}
    return int(db.session.execute(counted, pairs).scalar_one())


def _write(template: rules.Template, wishes: Sequence[tuple[int, str]], now: dt.datetime) -> list[dict[str, Any]]:
    if template.from_pool:
        picked = _PICK_CODES.rows(db.session(), template_id=template.id, wanted=len(wishes), now=now)
        codes = [row["code"] for row in picked]
    else:
        codes = [rules.new_code() for _ in wishes]
    given = list(zip(wishes, codes, strict=False))  # a pool may hold fewer codes than there are people
    written = _INSERT.rows(
        db.session(),
        template_id=template.id,
        now=now,
        **vars(rules.period_of(template.terms.validity, now)),
        customers=[wish[0] for wish, _ in given],
        born=[carrier.born(wish[0]) for wish, _ in given],
        causes=[wish[1] for wish, _ in given],
        codes=[code for _, code in given],
    )
    unused = sorted(set(codes) - {row["code"] for row in written})
    if template.from_pool and unused:
        _TAKE_BACK.rows(db.session(), codes=unused, customers=[], ids=[])
    return written


def _keep_within(template: rules.Template, written: list[dict[str, Any]], now: dt.datetime) -> list[dict[str, Any]]:
    """Move the counter by what was written; where that is too much, take the surplus back first."""
    if not written or (template.total is None and template.budget_fen is None):
        return written
    worth = rules.worth_of(template.terms)
    counting = {"template_id": template.id, "worth": worth, "alarm": ALARM_PERCENT, "now": now}
    counted = _COUNT.row(db.session(), **counting, more=len(written))
    if counted is None:
        _HOLD.rows(db.session(), template_id=template.id)
        room = get_template(template.id).left or 0
        surplus, written = written[room:], written[:room]
        _TAKE_BACK.rows(
            db.session(),
            codes=[row["code"] for row in surplus],
            customers=[row["customer_id"] for row in surplus],
            ids=[row["id"] for row in surplus],
        )
        counted = _COUNT.row(db.session(), **counting, more=len(written))
    if counted is not None and counted["alarmed"] and written:
        facts.announce([CouponStockLow(template.id, counted["taken"], counted["promised_fen"], now)])
    return written
