"""What the platform knows of followers, asked of the simulated platform: unionid, scene, and who is in its list."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import flask
import pytest

from app.gateways.wechat.refusals import PlatformAway
from app.kernel.database import unit_of_work
from app.people import contacts, identity
from app.people.contacts.operations import learning
from tests.factories.platform import Platform
from tests.factories.pushes import MP, OA

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def here(committed: flask.Flask, platform: Platform) -> Iterator[Platform]:
    """Real transactions, and a platform whose clock runs."""
    with committed.app_context():
        yield platform


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def follows(platform: Platform, person: dict[str, Any], **more: Any) -> str:
    """The person follows; the openid by which the account knows them."""
    platform.world(f"people/{person['person_id']}/follow", appid=OA, **more)
    return str(person["openids"][OA])


def tell(*changes: contacts.Change) -> None:
    with unit_of_work():
        contacts.following.take(changes, now=now())


def whose(openid: str) -> int:
    found = identity.find_customer(identity.identifier("openid", openid, scope=OA))
    assert found is not None
    return found


def standing(openid: str) -> contacts.followers.FollowerView:
    with unit_of_work():
        [view] = contacts.followers.list_of(whose(openid))
    return view


def read_lists(at: dt.datetime) -> None:
    while contacts.errands.read_lists_due(now=at):
        pass


def test_C12_a_follower_is_known_as_the_member_by_unionid_that_comes_late(here: Platform) -> None:
    ann = here.person()
    with unit_of_work():
        ids = [identity.identifier("openid", ann["openid"], scope=MP), identity.identifier("unionid", ann["unionid"])]
        member = identity.recognise(ids, source="miniprogram", now=now())
    openid = follows(here, ann, scene="store-7")
    tell(contacts.Change(OA, openid, True, now(), scene="store-7", way="qr_code"))
    assert whose(openid) != member

    assert contacts.errands.learn_due(now=now()) == 1
    assert identity.who.find_present(member) == whose(openid)
    assert contacts.errands.learn_due(now=now() + HOUR) == 0, "asked once for each following"


def test_one_bad_openid_does_not_spoil_the_others(here: Platform) -> None:
    openids = [follows(here, here.person()) for _ in range(5)]
    tell(*(contacts.Change(OA, openid, True, now()) for openid in [*openids, "oNobodyOfThisAccount00000001"]))
    assert contacts.errands.learn_due(now=now()) == 6
    with unit_of_work():
        unionids = [
            one for openid in openids for one in identity.list_identities(whose(openid)) if one.kind == "unionid"
        ]
    assert len(unionids) == 5
    assert contacts.errands.learn_due(now=now() + HOUR) == 0


def test_who_could_not_be_asked_about_is_asked_about_a_minute_later(here: Platform) -> None:
    tell(contacts.Change(OA, follows(here, here.person()), True, now()))
    here.fault("/cgi-bin/user/info/batchget", "busy", times=None)
    with pytest.raises(PlatformAway):
        contacts.errands.learn_due(now=now())
    here.http.delete("/_world/faults")
    assert contacts.errands.learn_due(now=now() + learning.AGAIN / 2) == 0
    assert contacts.errands.learn_due(now=now() + learning.AGAIN) == 1


def test_the_whole_list_and_callbacks_come_to_the_same(here: Platform) -> None:
    stay, leave, come = (here.person() for _ in range(3))
    told, lost = follows(here, stay), follows(here, leave)
    begun = now()
    tell(contacts.Change(OA, told, True, begun - HOUR), contacts.Change(OA, lost, True, begun - HOUR))
    here.world(f"people/{leave['person_id']}/unfollow", appid=OA)  # its callback is lost
    unheard = follows(here, come, scene="9")

    read_lists(now())
    assert (standing(told).state, standing(lost).state, standing(unheard).state) == ("following", "left", "following")
    assert (standing(unheard).scene, standing(unheard).way) == ("9", "qr_code")
    before = [standing(openid) for openid in (told, lost, unheard)]
    read_lists(now() + 24 * HOUR)
    assert [standing(openid) for openid in (told, lost, unheard)] == before, "read again, nothing changes"


def test_a_list_goes_on_where_it_was_left(here: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    made = here.world("followers", appid=OA, count=150)["openids"]
    asked = learning.write
    calls: list[int] = []

    def dies(*args: Any, **more: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError("killed")
        return asked(*args, **more)

    monkeypatch.setattr(learning, "write", dies)
    at = now()
    with pytest.raises(ConnectionError):
        read_lists(at)
    with unit_of_work():
        assert contacts.followers.count_by_account() == {OA: (100, 0)}
    read_lists(at)
    with unit_of_work():
        assert contacts.followers.count_by_account() == {OA: (150, 0)}
        assert learning.progress()[OA][0] == len(made)
    assert len(calls) == 3, "those written before were not asked about again"
