"""Everything that speaks for or against messages to some people, in one round trip for all of them."""

import datetime as dt
import functools
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel.cached import Cached
from app.kernel.database import Statement, db, in_one_trip, reading
from app.kernel.settings import settings
from app.outreach.messaging.rules import moments
from app.people import contacts, privacy, teams
from app.people.identity import who

CONSENT = "marketing"
Row = Mapping[str, Any]
Asked = tuple[Statement, Mapping[str, Any]]

# The same said already: to a former self who has become this person, by the same occasion.
_TOLD = Statement(
    lambda: text(
        "SELECT it.id FROM delivery AS it WHERE it.id = ANY(CAST(:delivery_ids AS bigint[])) AND EXISTS"
        " (SELECT 1 FROM delivery AS other WHERE other.customer_id = it.customer_id"
        " AND other.purpose_id = it.purpose_id AND other.occasion = it.occasion AND other.id <> it.id"
        " AND other.state IN ('sending', 'sent', 'delivered', 'in_doubt'))"
    )
)
_DISPATCHES = Statement(
    lambda: text("SELECT id, code, priority FROM dispatch WHERE id = ANY(CAST(:dispatch_ids AS bigint[]))")
)
# Of all their former selves' answers the newest counts.
REFUSALS = Statement(
    lambda: text(
        "SELECT customer_id, channel FROM channel_refusal WHERE customer_id = ANY(CAST(:people AS bigint[]))"
        " GROUP BY customer_id, channel HAVING max(refused_at) > coalesce(max(allowed_at), '-infinity')"
    )
)
_PEACE = Statement(
    lambda: text(
        "SELECT customer_id FROM reach_peace WHERE customer_id = ANY(CAST(:people AS bigint[])) AND until > :now"
    )
)
_GRANTS = Statement(
    lambda: text(
        "SELECT customer_id, born_customer_id, openid_token, template_id FROM message_grant"
        " WHERE customer_id = ANY(CAST(:people AS bigint[])) AND used < given AND refused_at IS NULL"
    )
)
_WINDOWS = Statement(
    lambda: text(
        "SELECT customer_id, born_customer_id, openid_token, opened_by FROM service_window"
        " WHERE customer_id = ANY(CAST(:people AS bigint[])) AND remaining > 0 AND closes_at > :until"
        " ORDER BY closes_at"
    )
)
# How many marketing messages they had; whose day it is follows from where they are, so of three days and their months.
_COUNTS = Statement(
    lambda: text(
        "SELECT customer_id, period, scope, number FROM reach_count"
        " WHERE customer_id = ANY(CAST(:people AS bigint[])) AND period = ANY(CAST(:periods AS text[]))"
    )
)
# Marketing that goes before this and is still planned (R03: of two reasons on one day the higher priority only).
_BETTER = Statement(
    lambda: text("""
    SELECT it.id AS delivery_id, other.due_at, dispatch.control_percent, dispatch.control_salt
    FROM delivery AS it JOIN dispatch AS mine ON mine.id = it.dispatch_id
    JOIN delivery AS other ON other.customer_id = it.customer_id AND other.state IN ('planned', 'sending')
        AND other.due_at < :before AND other.expires_at > :now
    JOIN dispatch ON dispatch.id = other.dispatch_id AND dispatch.state = 'running'
        AND dispatch.priority < mine.priority
    JOIN message_purpose AS purpose ON purpose.id = other.purpose_id AND purpose.kind = 'marketing' AND purpose.enabled
    WHERE it.id = ANY(CAST(:delivery_ids AS bigint[]))""")
)
_CALLS = Statement(
    lambda: text(
        "SELECT delivery_id, count(*) AS number FROM delivery_attempt"
        " WHERE delivery_id = ANY(CAST(:delivery_ids AS bigint[])) AND channel = 'voice'"
        " AND outcome IS DISTINCT FROM 'later' GROUP BY delivery_id"
    )
)
_TEMPLATES = Statement(
    lambda: text("SELECT account, channel, template_id, gone_at IS NOT NULL AS gone FROM platform_template")
)


@dataclass(frozen=True)
class Template:
    """What an account's own list says of its templates of one channel; an empty list was never fetched."""

    known: frozenset[str]
    fetched: bool


@dataclass(frozen=True)
class Asking:
    """About whom and what is asked. `marketing`: the customers to whom something of that kind is due."""

    delivery_ids: Collection[int]
    dispatch_ids: Collection[int]
    people: Collection[int]
    staff: Collection[int]
    marketing: Collection[int]
    channels: Collection[str]
    now: dt.datetime


@dataclass(frozen=True)
class Standing:
    """What stands, by customer unless it says otherwise."""

    told: frozenset[int]
    following: frozenset[uuid.UUID]
    dispatches: Mapping[int, Row]
    refused: Mapping[int, frozenset[str]]
    addresses: Mapping[int, list[who.Address]]
    selves: Mapping[int, frozenset[int]]
    grants: Mapping[int, list[Row]]
    windows: Mapping[int, list[Row]]
    agreed: frozenset[int]
    peace: frozenset[int]
    staff: frozenset[int]
    counts: Mapping[tuple[int, str, str], int]
    better: Mapping[int, list[Row]]
    calls: Mapping[int, int]
    staff_phones: Mapping[int, str]

    def phone(self, customer_id: int) -> str | None:
        """Their phone number in full, the newest of several."""
        found = [one for one in self.addresses.get(customer_id, ()) if one.kind == "phone"]
        return found[-1].value if found else None

    def openids(self, customer_id: int, account: str) -> list[who.Address]:
        """Their living openids of an account, the newest first."""
        found = [one for one in self.addresses.get(customer_id, ()) if one.kind == "openid" and one.scope == account]
        return found[::-1]

    def followed(self, customer_id: int, account: str) -> list[who.Address]:
        """Their openids that follow an account, the newest first."""
        return [one for one in self.openids(customer_id, account) if one.token in self.following]


# A call takes a moment: a window that closes while it is under way is closed.
WINDOW_MARGIN = dt.timedelta(seconds=2)


def look(asking: Asking) -> Standing:
    """Ask everything at once; what cannot matter to these purposes is not asked."""
    people = list(asking.people)
    asked: dict[str, Asked] = {
        "told": (_TOLD, {"delivery_ids": list(asking.delivery_ids)}),
        "dispatches": (_DISPATCHES, {"dispatch_ids": list(asking.dispatch_ids)}),
        "addresses": (who.ADDRESSES, {"customer_ids": people}),
        "selves": (who.SELVES, {"customer_ids": people}),
    }
    if {"oa_template", "oa_service"} & set(asking.channels):
        accounts = list(settings().wechat_accounts)
        asked["following"] = (contacts.followers.FOLLOWING, {"customer_ids": people, "accounts": accounts})
    if {"oa_subscription", "mp_subscription"} & set(asking.channels):
        asked["grants"] = (_GRANTS, {"people": people})
    if "oa_service" in asking.channels:
        asked["windows"] = (_WINDOWS, {"people": people, "until": asking.now + WINDOW_MARGIN})
    if "voice" in asking.channels:
        asked["calls"] = (_CALLS, {"delivery_ids": list(asking.delivery_ids)})
    if asking.marketing:
        wanted = list(asking.marketing)
        days = [asking.now + dt.timedelta(days=days) for days in (-1, 0, 1)]
        periods = sorted({period for day in days for period in moments.periods(day, dt.UTC)})
        asked["refusals"] = (REFUSALS, {"people": wanted})
        asked["agreed"] = (privacy.AGREED, {"customer_ids": wanted, "purpose": CONSENT})
        asked["peace"] = (_PEACE, {"people": wanted, "now": asking.now})
        asked["counts"] = (_COUNTS, {"people": wanted, "periods": periods})
        asked["better"] = (
            _BETTER,
            {"delivery_ids": list(asking.delivery_ids), "before": days[-1] + dt.timedelta(days=1), "now": asking.now},
        )
    db.session.flush()
    rows = dict(zip(asked, in_one_trip(db.session(), *asked.values()), strict=True))
    are_staff = teams.are_staff(list(asking.marketing)) if asking.marketing else set()
    return _standing(rows, are_staff, teams.phones_of(asking.staff) if asking.staff else {})


def _standing(
    rows: Mapping[str, list[dict[str, Any]]], staff: Collection[int], staff_phones: Mapping[int, str]
) -> Standing:
    addresses: defaultdict[int, list[who.Address]] = defaultdict(list)
    for found in who.addresses_in(rows["addresses"]):
        addresses[found.customer_id].append(found)
    return Standing(
        told=frozenset(row["id"] for row in rows["told"]),
        following=frozenset(row["openid_token"] for row in rows.get("following", ())),
        dispatches={row["id"]: row for row in rows["dispatches"]},
        refused=_sets(rows.get("refusals", ()), "channel"),
        addresses=addresses,
        selves=_sets(rows["selves"], "id"),
        grants=_lists(rows.get("grants", ())),
        windows=_lists(rows.get("windows", ())),
        agreed=frozenset(row["customer_id"] for row in rows.get("agreed", ())),
        peace=frozenset(row["customer_id"] for row in rows.get("peace", ())),
        staff=frozenset(staff),
        counts={(row["customer_id"], row["period"], row["scope"]): row["number"] for row in rows.get("counts", ())},
        better=_lists(rows.get("better", ()), "delivery_id"),
        calls={row["delivery_id"]: row["number"] for row in rows.get("calls", ())},
        staff_phones=staff_phones,
    )


def _lists(rows: Iterable[Row], by: str = "customer_id") -> dict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[by]].append(row)
    return found


def _sets(rows: Iterable[Row], name: str) -> dict[int, frozenset[Any]]:
    return {customer_id: frozenset(row[name] for row in found) for customer_id, found in _lists(rows).items()}


def _load_templates() -> dict[tuple[str, str], Template]:
    with reading() as connection:
        rows = _TEMPLATES.rows(connection)
    by_list: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        by_list[row["account"], row["channel"]] |= set() if row["gone"] else {row["template_id"]}
    return {key: Template(frozenset(known), fetched=True) for key, known in by_list.items()}


_templates = Cached(_load_templates)


@functools.cache
def _never_fetched() -> Template:
    return Template(frozenset(), fetched=False)


def templates_of(account: str, channel: str) -> Template:
    """The templates that an account has on the platform, as it was when last asked."""
    return _templates.get().get((account, channel)) or _never_fetched()
