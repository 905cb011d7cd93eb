"""Writing down answers and looks."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import insert, text

from app.kernel import carrier, policy
from app.kernel.database import db
from app.kernel.locks import lock
from app.people.privacy import queries
from app.people.privacy.models import Consent, Look
from app.people.privacy.queries import ConsentView
from app.people.privacy.refusals import NoticeOutdated, NoticeStands, PurposeUnknown, ReasonMissing
from app.people.privacy.rules import NOTICE, PURPOSES, PrivacyPolicy

policy.policy("privacy")(PrivacyPolicy)


def notice_version() -> str:
    """The version of the notice to show now."""
    return policy.current(PrivacyPolicy).notice_version


def record_consents(
    *, customer_id: int, answers: Mapping[str, bool], version: str, place: str, now: dt.datetime
) -> list[ConsentView]:
    """Write down answers, purpose → yes or no, with the version that was seen and the place (L01). The same answer to the
    same version is kept once. Gives how things stand now.

    Raises PurposeUnknown, NoticeOutdated for another version than the present one, and NoticeStands.
    """
    if set(answers) - set(PURPOSES):
        raise PurposeUnknown(purposes=list(PURPOSES))
    if version != (present := notice_version()):
        raise NoticeOutdated(notice_version=present)
    lock(db.session(), f"consent:{customer_id}")
    known = {view.purpose: view for view in queries.consents_in(db.session(), customer_id)}
    if known[NOTICE].granted and answers.get(NOTICE) is False:
        raise NoticeStands
    new = {
        purpose: granted
        for purpose, granted in answers.items()
        if (known[purpose].granted, known[purpose].version) != (granted, version)
    }
    rows = [
        {
            "customer_id": customer_id,
            "born_customer_id": carrier.born(customer_id),
            "purpose": purpose,
            "granted": granted,
            "version": version,
            "place": place,
            "given_at": now,
        }
        for purpose, granted in new.items()
    ]
    if rows:
        db.session.execute(insert(Consent), rows)
    return queries.consents_in(db.session(), customer_id)


def log_look(
    *,
    customer_id: int,
    field: str,
    reason: str,
    now: dt.datetime,
    staff_id: int | None = None,
    machine: str | None = None,
) -> None:
    """Write down that a staff member, or a machine by name, sees something personal (G08): a value in full, or the whole
    person. Raises ReasonMissing without a reason.
    """
    if not reason.strip():
        raise ReasonMissing
    db.session.execute(
        insert(Look).values(
            customer_id=customer_id,
            born_customer_id=carrier.born(customer_id),
            staff_id=staff_id,
            machine=machine,
            field=field,
            reason=reason.strip(),
            looked_at=now,
        )
    )


_RE_POINT = """
    UPDATE {table} AS row SET customer_id = move.to_id
    FROM (SELECT * FROM unnest(CAST(:froms AS bigint[]), CAST(:tos AS bigint[])) AS pair (from_id, to_id)) AS move
    JOIN unnest(CAST(:owners AS bigint[]), CAST(:born AS bigint[])) AS self (to_id, born_id) USING (to_id)
    WHERE row.customer_id = move.from_id AND row.born_customer_id = self.born_id
"""


def re_point(moves: Sequence[tuple[int, int, Sequence[int]]]) -> None:
    """Consents and looks of (from, to, former selves) belong to `to` now: customers were merged or set apart.

    Called by identity, which stands upstairs and cannot be heard here. The newest answer to a purpose counts for the two.
    """
    values = {
        "froms": [move[0] for move in moves],
        "tos": [move[1] for move in moves],
        "owners": [to for _, to, born in moves for _ in born],
        "born": [self_id for _, _, born in moves for self_id in born],
    }
    for table in (Consent.__tablename__, Look.__tablename__):
        db.session.execute(text(_RE_POINT.format(table=table)), values)
