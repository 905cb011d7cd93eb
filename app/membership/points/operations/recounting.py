"""Proving the balances from the entries, for one customer or for all, set-wise."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db

_DIFFERENCES = Statement(
    lambda: text(
        """
        WITH entries AS (
            SELECT customer_id, sum(amount) AS total,
                   sum(amount) FILTER (WHERE pot = 'member') AS member,
                   sum(amount) FILTER (WHERE pot = 'pending') AS pending,
                   sum(amount) FILTER (WHERE pot = 'held') AS held,
                   -sum(amount) FILTER (WHERE pot = 'owed') AS owed
            FROM points_entry WHERE CAST(:one AS bigint) IS NULL OR customer_id = :one GROUP BY customer_id
        ), lots AS (
            SELECT customer_id, sum(remaining) FILTER (WHERE state = 'open') AS open,
                   sum(remaining) FILTER (WHERE state = 'pending') AS pending
            FROM points_lot
            WHERE remaining > 0 AND (CAST(:one AS bigint) IS NULL OR customer_id = :one) GROUP BY customer_id
        ), holds AS (
            SELECT customer_id, sum(amount) AS held FROM points_hold
            WHERE state = 'open' AND (CAST(:one AS bigint) IS NULL OR customer_id = :one) GROUP BY customer_id
        ), accounts AS (
            SELECT account.*, entries.total, entries.member, entries.pending AS entered_pending,
                   entries.held AS entered_held, entries.owed AS entered_owed, lots.open AS lots_open,
                   lots.pending AS lots_pending, holds.held AS holds_held
            FROM points_account AS account
            LEFT JOIN entries USING (customer_id) LEFT JOIN lots USING (customer_id) LEFT JOIN holds USING (customer_id)
            WHERE CAST(:one AS bigint) IS NULL OR customer_id = :one
        )
        SELECT customer_id, said.what, said.balance::bigint AS balance, coalesce(said.proof, 0)::bigint AS proof
        FROM accounts, LATERAL (VALUES
            ('spendable: entries', spendable, member), ('pending: entries', pending, entered_pending),
            ('held: entries', held, entered_held), ('owed: entries', owed, entered_owed),
            ('spendable: lots', spendable, lots_open), ('pending: lots', pending, lots_pending),
            ('held: holds', held, holds_held), ('entries: sum', 0, total)) AS said (what, balance, proof)
        WHERE said.balance <> coalesce(said.proof, 0)
        UNION ALL
        SELECT customer_id, 'lot: uses', remaining, proof FROM (
            SELECT lot.customer_id, lot.remaining, lot.amount - coalesce(sum(used.amount), 0)::bigint AS proof
            FROM points_lot AS lot
            LEFT JOIN points_lot_use AS used ON (used.customer_id, used.lot_id) = (lot.customer_id, lot.id)
            WHERE CAST(:one AS bigint) IS NULL OR lot.customer_id = :one
            GROUP BY lot.customer_id, lot.id
        ) AS lot WHERE remaining <> proof
        UNION ALL
        SELECT customer_id, 'movement: entries', amount, proof FROM (
            SELECT movement.customer_id, movement.amount,
                   coalesce(sum(entry.amount) FILTER (WHERE entry.amount > 0), 0)::bigint AS proof,
                   coalesce(sum(entry.amount), 0) AS total
            FROM points_movement AS movement
            LEFT JOIN points_entry AS entry
              ON (entry.customer_id, entry.movement_id) = (movement.customer_id, movement.id)
            WHERE CAST(:one AS bigint) IS NULL OR movement.customer_id = :one
            GROUP BY movement.customer_id, movement.id
        ) AS movement WHERE total <> 0 OR amount <> proof
        ORDER BY 1, 2
        """
    )
)
_LOCK_ALL = Statement(lambda: text("LOCK TABLE points_account IN SHARE ROW EXCLUSIVE MODE"))
_REPAIR = Statement(
    lambda: text(
        """
        UPDATE points_account AS account
        SET spendable = proof.member, pending = proof.pending, held = proof.held, owed = proof.owed
        FROM (
            SELECT wanted.id,
                   coalesce(sum(amount) FILTER (WHERE pot = 'member'), 0) AS member,
                   coalesce(sum(amount) FILTER (WHERE pot = 'pending'), 0) AS pending,
                   coalesce(sum(amount) FILTER (WHERE pot = 'held'), 0) AS held,
                   -coalesce(sum(amount) FILTER (WHERE pot = 'owed'), 0) AS owed
            FROM unnest(CAST(:customer_ids AS bigint[])) AS wanted (id)
            LEFT JOIN points_entry AS entry ON entry.customer_id = wanted.id
            GROUP BY wanted.id
        ) AS proof
        WHERE account.customer_id = proof.id
        """
    )
)


@dataclass(frozen=True)
class Difference:
    """A balance that its proof does not confirm. `what`: "balance: proof", `balance` is what stands, `proof` the sum."""

    customer_id: int
    what: str
    balance: int
    proof: int


def recount(*, customer_id: int | None = None, repair: bool = False) -> list[Difference]:
    """Prove account = entries = lots and holds, and each lot and movement by itself; the differences, none if all is well.

    With `repair` the balance columns of the accounts found wrong are set to what their entries say, with all writers
    held off meanwhile; lots and entries are never touched. The differences given are those before the repair.
    """
    session = db.session()
    if repair:
        _LOCK_ALL.rows(session)
    differences = [Difference(**row) for row in _DIFFERENCES.rows(session, one=customer_id)]
    if repair and differences:
        set_balances(sorted({difference.customer_id for difference in differences}))
    return differences


def set_balances(customer_ids: Sequence[int]) -> None:
    """Set the balances of accounts to what their entries say; writers are held off by the caller."""
    _REPAIR.rows(db.session(), customer_ids=list(customer_ids))
