"""Following and leaving: once however often told, the same end in any order, and with their person through merges."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.knowledge import tracking
from app.people import contacts, identity
from app.people.contacts.rules import following as rules
from tests.factories import merging
from tests.factories.people import a_customer

OA = "wxfedcba9876543210"
ANN = "oAnnFollows000000000000000001"
HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("database")


def change(follows: bool, at: dt.datetime, openid: str = ANN, **more: object) -> contacts.Change:
    return contacts.Change(OA, openid, follows, at, **more)


def tell(*changes: contacts.Change, now: dt.datetime) -> int:
    return contacts.following.take(changes, now=now)


def whose(openid: str = ANN) -> int:
    found = identity.find_customer(identity.identifier("openid", openid, scope=OA))
    assert found is not None
    return found


def follow_events(customer_id: int) -> list[tuple[str, dt.datetime]]:
    events = tracking.list_events(customer_id, limit=100).items
    return sorted((one.kind, one.at) for one in events if one.kind in ("followed", "unfollowed"))


def test_G05_who_left_is_not_reachable_and_who_follows_again_is(now: dt.datetime) -> None:
    tell(change(True, now, scene="store-12", way="qr_code"), now=now)
    ann = whose()
    assert contacts.followers.who_follow([ann], [OA]) == {(ann, OA): [ANN]}

    tell(change(False, now + HOUR), now=now + HOUR)
    assert contacts.followers.who_follow([ann], [OA]) == {}
    tell(change(True, now + 2 * HOUR), now=now + 2 * HOUR)
    assert contacts.followers.who_follow([ann], [OA, "wxother"]) == {(ann, OA): [ANN]}
    [view] = contacts.followers.list_of(ann)
    assert (view.state, view.times, view.since, view.scene) == ("following", 2, now + 2 * HOUR, "")
    assert follow_events(ann) == [("followed", now), ("followed", now + 2 * HOUR), ("unfollowed", now + HOUR)]


def test_what_is_told_twice_counts_once(now: dt.datetime) -> None:
    assert [tell(change(True, now), now=now) for _ in range(3)] == [1, 0, 0]
    assert [tell(change(False, now + HOUR), now=now + HOUR) for _ in range(3)] == [1, 0, 0]
    assert [view.times for view in contacts.followers.list_of(whose())] == [1]


def test_the_order_in_which_it_is_told_does_not_matter(now: dt.datetime) -> None:
    story = [
        change(True, now, scene="7", way="qr_code"),
        change(False, now + HOUR),
        change(True, now + 2 * HOUR),
        change(True, now + 2 * HOUR, seen_at=now + 3 * HOUR, way="search"),
        change(False, now + 4 * HOUR, seen_at=now + 4 * HOUR),
        change(False, now + 3.5 * HOUR),
    ]
    fields = ("follows", "at", "seen_at", "scene", "way")
    ends = set()
    for number, order in enumerate(itertools.islice(itertools.permutations(story), 0, None, 37)):
        openid = f"oPermutation{number:010}"
        for one in order:
            told = {name: getattr(one, name) for name in fields}
            tell(contacts.Change(OA, openid, **told), now=now + 5 * HOUR)
        [view] = contacts.followers.list_of(whose(openid))
        ends.add((view.state, view.since, view.left_at, view.scene, view.way, view.times))
    assert ends == {("left", now + 2 * HOUR, now + 3.5 * HOUR, "", "search", 2)}


STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=8, unique_by=lambda step: step[1])


@given(st.data())
def test_events_told_in_any_order_and_again_end_as_the_newest_says(data: st.DataObject) -> None:
    start = dt.datetime(2026, 5, 20, tzinfo=dt.UTC)
    steps = data.draw(STEPS)
    told = [rules.Told(follows, start + HOUR * hour) for follows, hour in steps]
    standing = rules.Standing()
    for one in data.draw(st.permutations(told)) + told:
        standing, _ = rules.after(standing, one)
    newest = max(told, key=lambda one: one.at)
    assert standing.state == ("following" if newest.follows else "left")
    assert standing.times == sum(one.follows for one in told)


def test_R05_following_gives_nothing_and_a_follower_is_one_person(now: dt.datetime) -> None:
    known = [identity.identifier("openid", ANN, scope=OA), identity.identifier("unionid", "oUnionOfAnn00001")]
    tell(change(True, now), now=now)
    member = identity.recognise(
        [known[1], identity.identifier("openid", "oInMiniProgram1", scope="wx0123456789abcdef")], source="t", now=now
    )
    identity.recognise(known, source="official_account", now=now)
    assert whose() == identity.who.find_present(member)
    kinds = {one.kind for one in tracking.list_events(whose(), limit=100).items}
    assert kinds <= {"followed", "identity_attached", "people_merged"}


def test_followers_go_with_their_person_and_come_back(now: dt.datetime) -> None:
    tell(change(True, now), now=now)
    ann, bob = whose(), a_customer(now)

    merged = merging.merge(bob, ann, now=now)
    assert contacts.followers.who_follow([ann, bob], [OA]) == {(bob, OA): [ANN]}
    tell(change(False, now + HOUR), change(True, now + 2 * HOUR), now=now + 2 * HOUR)
    merging.undo(merged, now=now + 3 * HOUR)

    assert contacts.followers.who_follow([ann, bob], [OA]) == {(ann, OA): [ANN]}
    assert [view.times for view in contacts.followers.list_of(ann)] == [2]
    assert contacts.followers.list_of(bob) == []
    assert ("unfollowed", now + HOUR) in follow_events(ann), "done by the self that carries the id"
