"""Ids by short names, what is seen of them, who they are, and who they should be by all that is stored."""

import datetime as dt
import random

from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.people.identity.models import IdentityRow
from app.people.identity.operations import decisions, lives, settling
from app.people.identity.operations.components import Part
from app.people.identity.operations.evidence import Sighting
from app.people.identity.operations.observing import Observation

DAY = dt.timedelta(days=1)
PROOFS = ("stated", "picked", "proven")
SOURCES = ("pos", "crm", "tmall")


def an_id(name: str) -> identity.Identifier:
    """p1 is a phone, u1 a unionid, o1 an openid, c1 a card, b1 a buyer of Tmall, w1 a device in the shop."""
    kinds = {
        "p": ("phone", f"138{int(name[1:]) + 1000:08}", ""),
        "u": ("unionid", f"union-{name[1:]}", ""),
        "o": ("openid", f"open-{name[1:]}", "wx1"),
        "c": ("card", f"CARD{name[1:]}", ""),
        "b": ("ouid", f"buyer-{name[1:]}", "shop"),
        "w": ("wifi_mac", f"AA:BB:{name[1:]}", ""),
    }
    kind, value, scope = kinds[name[0]]
    return identity.identifier(kind, value, scope=scope)


def seen(names: str, now: dt.datetime, *, source: str = "pos", proof: str = "proven", day: int = 0) -> Observation:
    """These ids, seen together."""
    return Observation(tuple(an_id(name) for name in names.split()), source, now + day * DAY, proof)


def a_story(chance: random.Random, *, length: int, names: list[str], now: dt.datetime) -> list[Observation]:
    """Random observations, of one to three ids each, within ten days from now."""
    return [
        seen(
            " ".join(chance.sample(names, chance.choice((1, 2, 2, 2, 3)))),
            now,
            source=chance.choice(SOURCES),
            proof=chance.choice(PROOFS),
            day=chance.randrange(10),
        )
        for _ in range(length)
    ]


def people() -> set[frozenset[str]]:
    """The partition of living ids, by value."""
    found: dict[int, set[str]] = {}
    for customer_id in set(db.session.scalars(text("SELECT customer_id FROM identity"))):
        found[customer_id] = {one.value for one in identity.list_identities(customer_id)}
    return {frozenset(ids) for ids in found.values() if ids}


def held() -> set[tuple[str, str, str]]:
    """What waits for somebody's decision: a pair of ids and why."""
    rows = db.session.execute(text("SELECT low, high, reason FROM identity_held_evidence WHERE settled_at IS NULL"))
    return {(str(row.low), str(row.high), row.reason) for row in rows}


def values(*groups: str) -> set[frozenset[str]]:
    """People as `people` gives them."""
    return {frozenset(an_id(name).value for name in group.split()) for group in groups}


def people_anew() -> set[frozenset[str]]:
    """Who they should be: the pure function on everything that is stored, as if all of it came at once."""
    rows = [row for found in lives.find_lives(set(_tokens("identity", "token"))).values() for row in found]
    blocked = decisions.find_blocked({row.token for row in rows})
    rows = [row for row in rows if row.token not in blocked]
    tokens = {row.token for row in rows}
    stored = db.session.execute(
        text("SELECT low, high, source, proof, first_seen, last_seen FROM identity_evidence")
    ).mappings()
    sightings = [Sighting(**one) for one in stored if one["low"] in tokens and one["high"] in tokens]
    verdicts = decisions.find_verdicts(set(_tokens("identity_decision_side", "token")))
    part = Part(rows=rows, sightings=sightings, verdicts=verdicts)
    resolution = settling._resolve(part, settling.Wishes())
    value_of = {row.life: _value(row.id) for row in rows if row.until is None}
    found = (frozenset(value_of[life] for life in person if life in value_of) for person in resolution.people)
    return {values for values in found if values}


def _tokens(table: str, column: str) -> list[object]:
    return list(db.session.scalars(text(f"SELECT DISTINCT {column} FROM {table}")))


def _value(row_id: int) -> str:
    row = db.session.get(IdentityRow, row_id)
    assert row is not None
    return str(row.value)


def strays() -> list[tuple[str, int]]:
    """What must never be: ids of nobody, former selves of nobody, ids that are not where their self is."""
    query = """
        SELECT 'id of nobody' AS what, identity.id FROM identity
            LEFT JOIN customer ON customer.id = identity.customer_id WHERE customer.id IS NULL
        UNION ALL SELECT 'former self of nobody', former.id FROM former_customer AS former
            LEFT JOIN customer ON customer.id = former.customer_id WHERE customer.id IS NULL
        UNION ALL SELECT 'both former and present', customer.id FROM customer JOIN former_customer USING (id)
        UNION ALL SELECT 'not with its self', identity.id FROM identity
            LEFT JOIN former_customer AS former ON former.id = identity.born_customer_id
            WHERE identity.customer_id <> coalesce(former.customer_id, identity.born_customer_id)
        UNION ALL SELECT 'two living holders', min(id) FROM identity WHERE until IS NULL
            GROUP BY token HAVING count(*) > 1
        UNION ALL SELECT 'gone twice', gone_id FROM identity_merge WHERE undone_at IS NULL
            GROUP BY gone_id HAVING count(*) > 1
    """
    return [(row.what, row.id) for row in db.session.execute(text(query))]
