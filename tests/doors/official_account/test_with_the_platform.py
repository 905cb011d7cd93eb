"""The simulated platform pushes over a real connection, doubled, reordered and lost; both sides end with the same followers."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from werkzeug.serving import make_server

from app.kernel import clock, inbox
from app.kernel.database import unit_of_work
from app.membership import members
from app.outreach import auto_replies
from app.outreach.auto_replies.queries import books
from app.people import contacts, identity
from jobs import tasks
from tests.factories.platform import Platform
from tests.factories.pushes import OA

PEOPLE, STEPS = 12, 60


@pytest.fixture
def world(committed: flask.Flask, platform: Platform) -> Iterator[Platform]:
    """The platform, with our real address entered in its console, and the stock replies."""
    books.forget()
    with committed.app_context(), unit_of_work():
        members.ship_stock(now=clock.now())
        auto_replies.rulebook.ship_stock(now=clock.now())
    server = make_server("127.0.0.1", 0, committed, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    platform.world(f"apps/{OA}", callback_url=f"http://127.0.0.1:{server.server_port}/oa/v1/callbacks/{OA}")
    with committed.app_context():
        yield platform
    server.shutdown()
    thread.join()
    books.forget()


def drain(world: Platform) -> None:
    """Everything is pushed and worked out."""
    while world.world("pushes/drain")["waiting"]:
        pass
    with unit_of_work():
        rows = inbox.lease_due(now=clock.now())
    tasks.perform_messages(rows)
    assert inbox.list_stuck() == []


def theirs(world: Platform, people: list[dict[str, Any]]) -> set[str]:
    """Who follows, by the platform's own book."""
    shown = [world.http.get(f"/_world/people/{one['person_id']}").get_json() for one in people]
    return {one["openids"][OA] for one in shown if OA in one["follows"]}


def ours(people: list[dict[str, Any]]) -> set[str]:
    """Who follows, by ours."""
    with unit_of_work():
        keys = {identity.identifier("openid", one["openids"][OA], scope=OA).key for one in people}
        holders = identity.find_holders(list(keys))
        found = contacts.followers.who_follow([one.customer_id for one in holders.values()], [OA])
    return {openid for openids in found.values() for openid in openids}


def test_both_sides_end_alike(world: Platform) -> None:
    chance = random.Random(4)
    world.world("clock", offset=-300)  # what happens in it lies behind us
    people = [world.person() for _ in range(PEOPLE)]
    for kind in ("push_duplicate", "push_reorder"):
        world.fault("push", kind, times=None)
    for _ in range(STEPS):
        one = chance.choice(people)["person_id"]
        act, more = chance.choice(
            [("follow", {}), ("unfollow", {}), ("say", {"text": "积分"}), ("click", {"key": "points"})]
        )
        world.http.post(
            f"/_world/people/{one}/{act}", json={"appid": OA, **more}
        )  # some of it they cannot do: no matter
        world.http.post("/_world/clock", json={"advance": 2})
    world.http.delete("/_world/faults")
    drain(world)
    assert ours(people) == theirs(world, people) != set()

    world.fault("push", "push_lost", times=None)
    for one in people[:6]:
        world.http.post(f"/_world/people/{one['person_id']}/unfollow", json={"appid": OA})
    while contacts.errands.read_lists_due(now=clock.now()):
        pass
    assert ours(people) == theirs(world, people)
