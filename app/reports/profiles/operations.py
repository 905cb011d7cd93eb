"""Opening what is known of people: whoever does is written down first."""

import datetime as dt

from app.people import identity
from app.reports.profiles.queries import dossiers

COMPARING = "核对是否同一人"
OPENING = "查看身份与合并记录"


def open_dossier(customer_id: int, *, staff_id: int, now: dt.datetime) -> dossiers.Dossier | None:
    """One person as a whole, by their id or a former one; None for nobody's. One look is written down."""
    person = identity.looking.open_person(customer_id, staff_id=staff_id, why=OPENING, now=now)
    return dossiers.dossier_of(person) if person else None


def open_comparison(one_id: int, *, other_id: int, staff_id: int, now: dt.datetime) -> dossiers.Comparison | None:
    """Two people side by side, by ids or former ones; None where they are one by now, or somebody is nobody.

    A look at each is written down.
    """
    one, other = (identity.who.find_present(who) for who in (one_id, other_id))
    if one is None or other is None or one == other:
        return None
    identity.looking.look([one, other], staff_id=staff_id, why=COMPARING, now=now)
    return dossiers.compare(one, other, now=now)
