"""Coupons with 64 at once while the people who take and use them become one, and two again."""

import concurrent.futures
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import flask
import pytest
from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import Overtaken, again_when_given_up, db, unit_of_work
from app.kernel.errors import Refusal
from app.membership import coupons
from app.membership.coupons.operations.till import Place, Shown
from app.people import identity
from tests.conftest import FULL_SIZE
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.merging import merge, undo

CLIENTS = 64
PAIRS = 16
ATTEMPTS = 2_560 if FULL_SIZE else 512

Act = Callable[[], Any]
Race = Callable[[Sequence[Act]], Counter[str]]


@pytest.fixture
def race(committed: flask.Flask) -> Race:
    """Do all of it, 64 at a time, each in its own transaction and again when overtaken, as doors do; the outcomes."""

    def one(act: Act) -> None:
        with unit_of_work():
            act()

    def attempt(act: Act) -> str:
        with committed.app_context():
            try:
                again_when_given_up(lambda: one(act))
            except Refusal as refused:
                return refused.code
        return "done"

    def run(acts: Sequence[Act]) -> Counter[str]:
        shuffled = random.Random(7).sample(acts, len(acts))
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            return Counter(pool.map(attempt, shuffled))

    return run


@pytest.fixture
def inside(committed: flask.Flask) -> Callable[[Act], Any]:
    """One act in one unit of work."""

    def act_inside(act: Act) -> Any:
        with committed.app_context(), unit_of_work():
            return act()

    return act_inside


@pytest.fixture
def pairs(inside: Callable[[Act], Any], now: dt.datetime) -> list[tuple[int, int]]:
    return inside(lambda: [(a_member(now), a_member(now)) for _ in range(PAIRS)])


def hold(*customer_ids: int) -> None:
    """Whoever merges or sets apart has locked the customers."""
    db.session.execute(
        text("SELECT id FROM customer WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"), {"ids": list(customer_ids)}
    ).all()


def merges(pairs: Sequence[tuple[int, int]], facts: dict[int, identity.PeopleMerged], now: dt.datetime) -> list[Act]:
    def become_one(stays: int, goes: int) -> None:
        hold(stays, goes)
        facts[goes] = merge(stays, goes, now=now)

    return [lambda pair=pair: become_one(*pair) for pair in pairs]


def undoings(facts: dict[int, identity.PeopleMerged], now: dt.datetime) -> list[Act]:
    def part(fact: identity.PeopleMerged) -> None:
        hold(fact.survivor_id)
        undo(fact, now=now)

    return [lambda fact=fact: part(fact) for fact in facts.values()]


def takes(template: coupons.Template, pairs: Sequence[tuple[int, int]], now: dt.datetime, name: str) -> list[Act]:
    """Each self tries again and again, as whoever they are by then; as doors do, again where that changed meanwhile."""
    selves = [one for pair in pairs for one in pair]

    def take(born: int, cause: str) -> None:
        present = identity.who.find_present(born) or born
        if present != born and identity.merging.hold_present([born]) != {born: present}:
            raise Overtaken
        try:
            with carrier.carried_by({present: born}):
                coupons.take(customer_id=present, template_id=template.id, cause=cause, now=now)
        except Refusal:
            if identity.who.find_present(born) != present:
                raise Overtaken from None
            raise

    tries = [(selves[number % len(selves)], f"{name}:{number}") for number in range(ATTEMPTS)]
    return [lambda one=one: take(*one) for one in tries]


def what_is_wrong(template_id: int, limit: int) -> list[Any]:
    """Counters that are not what the coupons say, coupons that are not with whose they are, limits passed unnoted."""
    astray = text(
        "SELECT coupon.id FROM coupon JOIN coupon_code AS code ON code.code = coupon.code"
        " LEFT JOIN former_customer AS former ON former.id = coupon.born_customer_id"
        " WHERE coupon.customer_id <> coalesce(former.customer_id, coupon.born_customer_id)"
        " OR code.customer_id <> coupon.customer_id"
    )
    noted = text("SELECT DISTINCT (data ->> 'taken')::int, survivor_id FROM identity_merge_note"
                 " JOIN identity_merge AS merged ON merged.id = merge_id WHERE code = 'coupon.over_limit'"
                 " AND undone_at IS NULL")  # fmt: skip
    beyond = text("SELECT taken, customer_id FROM coupon_holding WHERE template_id = :template_id AND taken > :limit")
    over = {tuple(row) for row in db.session.execute(beyond, {"template_id": template_id, "limit": limit})}
    told = {tuple(row) for row in db.session.execute(noted)}
    return [*coupons.recount(), *db.session.execute(astray), *(over ^ told)]


def test_K06_a_limit_of_n_gives_exactly_n_while_people_become_one_and_two(
    inside: Callable[[Act], Any], race: Race, pairs: list[tuple[int, int]], now: dt.datetime
) -> None:
    template = inside(lambda: a_template(total=PAIRS * 5, per_customer=3))
    facts: dict[int, identity.PeopleMerged] = {}

    first = race([*takes(template, pairs[:10], now, "one"), *merges(pairs, facts, now)])
    wrong = inside(lambda: what_is_wrong(template.id, 3))
    then = race([*takes(template, pairs, now, "two"), *undoings(facts, now)])

    assert set(first) | set(then) <= {"done", "coupon.limit_reached", "coupon.sold_out"}
    assert (wrong, inside(lambda: what_is_wrong(template.id, 3))) == ([], [])
    assert first["done"] + then["done"] - 2 * PAIRS == PAIRS * 5
    assert inside(lambda: coupons.templates.get_template(template.id).taken) == PAIRS * 5


def test_X04_tills_redeem_each_code_once_while_its_owner_becomes_somebody_else(
    inside: Callable[[Act], Any], race: Race, pairs: list[tuple[int, int]], now: dt.datetime
) -> None:
    template = inside(lambda: a_template(public=False))
    held = inside(
        lambda: [
            a_coupon(customer_id=goes, template=template, cause=f"gift:{n}").code for _, goes in pairs for n in range(4)
        ]
    )
    tills = [
        lambda code=code, till=till: coupons.till.redeem(
            shown=Shown(codes=(code,)), place=Place(till=f"pos-{till}", order=f"pos/{code}-{till}"), now=now
        )
        for code in held
        for till in range(4)
    ]

    outcomes = race([*tills, *merges(pairs, {}, now)])

    assert outcomes == {"done": len(held) + PAIRS, "coupon.already_redeemed": 3 * len(held)}
    assert inside(lambda: what_is_wrong(template.id, 1)) == []
