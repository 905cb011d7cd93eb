"""Conflicts and one view of a person, as a lead uses them over HTTP."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel import facts
from app.kernel.facts import Objection
from app.kernel.ids import seal
from app.people import identity, privacy
from console import identity_words
from tests.conftest import REPOSITORY as ROOT
from tests.factories.members import a_member
from tests.factories.people import APPID, a_customer, a_staff, signed_in_staff

DAY = dt.timedelta(days=1)
PHONE = "13800000002"


@pytest.fixture
def lead(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> dict[str, str]:
    time_is(now)
    return signed_in_staff(a_staff(now, role="lead", name="沈越"))


@pytest.fixture
def pair(client: FlaskClient, now: dt.datetime) -> tuple[int, int]:
    """Two members, each with a phone of their own; one was seen with the other's number at the till."""
    one = a_member(now - 9 * DAY, phone="13800000001", full_name="林晓")
    other = a_member(now - 8 * DAY, phone=PHONE, full_name="林晓")
    seen(now - DAY, openid_of(one), identity.identifier("phone", PHONE))
    return one, other


@pytest.fixture
def guests(client: FlaskClient, now: dt.datetime) -> tuple[int, int]:
    """The same without cards."""
    one, other = a_customer(now - 9 * DAY, phone="13800000001"), a_customer(now - 8 * DAY, phone=PHONE)
    seen(now - DAY, openid_of(one), identity.identifier("phone", PHONE))
    return one, other


def seen(at: dt.datetime, *ids: identity.Identifier) -> None:
    identity.observing.observe(identity.observing.Observation(ids, "pos", at, "stated"), now=at)


def openid_of(customer_id: int) -> identity.Identifier:
    (held,) = [one for one in identity.list_identities(customer_id) if one.kind == "openid"]
    return identity.identifier("openid", held.value, scope=APPID)


def path_of(one: int, other: int) -> str:
    return f"/console/conflicts/{seal('customer', one)}/{seal('customer', other)}"


def person(customer_id: int) -> str:
    return f"/console/people/{seal('customer', customer_id)}"


def decide(client: FlaskClient, lead: dict, pair: tuple[int, int], verdict: str, **form: str) -> TestResponse:
    return client.post(f"{path_of(*pair)}/{verdict}", data={"why": "本人确认"} | form, headers=lead)


def test_nothing_to_decide_says_how_something_gets_here(client: FlaskClient, lead: dict) -> None:
    assert "没有要核对的客户" in client.get("/console/conflicts", headers=lead).text


def test_a_pair_is_shown_side_by_side_with_what_agrees_what_differs_and_why(
    client: FlaskClient, lead: dict, pair: tuple[int, int], now: dt.datetime
) -> None:
    page = client.get("/console/conflicts", headers=lead).text

    assert "共 1 对" in page
    assert "两边各有自己的微信" in page
    assert re.search(r'class="good">\s*<th scope="row">姓名', page)
    assert re.search(r'class="attention">\s*<th scope="row">手机号', page)
    assert "138****0001" in page
    assert PHONE not in page
    assert [look.reason for one in pair for look in privacy.list_looks(one)] == ["核对是否同一人"] * 2


def test_two_are_made_one_with_a_reason_and_the_record_says_so(
    client: FlaskClient, lead: dict, guests: tuple[int, int]
) -> None:
    assert decide(client, lead, guests, "merge", why=" ").status_code == 422
    done = decide(client, lead, guests, "merge", why="电话核实")
    listed = client.get(done.headers["Location"], headers=lead).text
    page = client.get(person(guests[1]), headers=lead).text

    assert "已合并为一位客户" in listed
    assert "没有要核对的客户" in listed
    assert identity.who.find_present(guests[1]) == guests[0]
    assert "您打开的是合并前的编号" in page
    assert "电话核实" in page
    assert "沈越" in page
    assert page.count("138****0001") >= 2, "as it is, and as it was before"


def test_two_are_kept_apart_for_ever(client: FlaskClient, lead: dict, pair: tuple[int, int], now: dt.datetime) -> None:
    assert decide(client, lead, pair, "apart", why="家人共用手机").status_code == 303
    seen(now, openid_of(pair[0]), identity.identifier("phone", PHONE), openid_of(pair[1]))

    assert "没有要核对的客户" in client.get("/console/conflicts", headers=lead).text
    assert "不是同一人" in client.get(person(pair[0]), headers=lead).text


def test_a_pair_that_was_put_off_comes_back(
    client: FlaskClient,
    lead: dict,
    pair: tuple[int, int],
    now: dt.datetime,
    time_is: Callable[[dt.datetime], None],
) -> None:
    assert decide(client, lead, pair, "later", days="2").status_code == 422
    assert decide(client, lead, pair, "later", days="3", why="").status_code == 303
    assert "没有要核对的客户" in client.get("/console/conflicts", headers=lead).text
    time_is(now + 3 * DAY + dt.timedelta(minutes=1))
    lead = signed_in_staff(a_staff(now, role="admin"))
    assert "共 1 对" in client.get("/console/conflicts", headers=lead).text


def test_after_a_decision_comes_the_next_pair(
    client: FlaskClient, lead: dict, pair: tuple[int, int], now: dt.datetime
) -> None:
    after = a_customer(now), a_customer(now)
    sealed = {"next_person": seal("customer", after[0]), "next_other": seal("customer", after[1])}
    assert path_of(*after) in decide(client, lead, pair, "later", days="3", **sealed).headers["Location"]
    invented = {"next_person": "nobody", "next_other": "//evil.example"}
    onward = decide(client, lead, pair, "later", days="3", **invented).headers["Location"]
    assert onward.startswith("/console/conflicts?")


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], None]:
    """Let a room object to a proposal."""

    def register(kind: type) -> None:
        monkeypatch.setitem(
            facts._questions, kind, [lambda _: [Objection("coupon.used_together", {"coupon_id": 1, "used_for": "S-1"})]]
        )

    return register


def test_objections_are_shown_before_anything_is_written_and_stop_the_merge(
    client: FlaskClient, lead: dict, pair: tuple[int, int], objects: Callable[[type], None]
) -> None:
    objects(identity.MergeProposed)
    page = client.get(path_of(*pair), headers=lead).text

    assert "现在不能合并" in page
    assert re.search(r'formaction="[^"]*/merge" disabled', page)
    refused = decide(client, lead, pair, "merge")
    assert (refused.status_code, "先退回这张券再分开" in refused.text) == (409, True)
    assert identity.who.find_present(pair[1]) == pair[1]


def merged(client: FlaskClient, lead: dict, pair: tuple[int, int]) -> str:
    decide(client, lead, pair, "merge")
    (found,) = re.findall(
        r'href="(/console/people/\w+/merges/\w+/undo)"', client.get(person(pair[0]), headers=lead).text
    )
    return str(found)


def test_a_merge_is_undone_from_the_persons_page_and_both_are_back(
    client: FlaskClient, lead: dict, guests: tuple[int, int]
) -> None:
    undo = merged(client, lead, guests)
    preview = client.get(undo, headers=lead).text
    assert preview.count("138****0002") == 1
    assert client.post(undo, data={"why": ""}, headers=lead).status_code == 422

    done = client.post(undo, data={"why": "姐妹共用"}, headers=lead)
    assert "已撤销合并" in client.get(done.headers["Location"], headers=lead).text
    assert [identity.who.find_present(one) for one in guests] == list(guests)
    page = client.get(person(guests[0]), headers=lead).text
    assert "合并后又分开" in page
    assert "姐妹共用" in page
    assert client.get(undo, headers=lead).status_code == 404


def test_an_undoing_that_is_refused_says_why_in_words(
    client: FlaskClient, lead: dict, guests: tuple[int, int], objects: Callable[[type], None]
) -> None:
    undo = merged(client, lead, guests)
    objects(identity.SeparationProposed)

    assert "暂时不能撤销" in client.get(undo, headers=lead).text
    assert client.post(undo, data={"why": "姐妹共用"}, headers=lead).status_code == 409
    assert identity.who.find_present(guests[1]) == guests[0]


def test_a_value_that_names_nobody_is_blocked_and_whom_it_joined_part(
    client: FlaskClient, lead: dict, now: dt.datetime
) -> None:
    one, other = a_customer(now - DAY), a_customer(now)
    shop = identity.identifier("email", "hello@our-shop.cn")
    for who in (one, other):
        seen(now, openid_of(who), shop)
    holder = identity.find_customer(shop)
    assert holder is not None
    page = client.get(person(holder), headers=lead).text
    assert "h****@our-shop.cn" in page
    block = re.findall(r'action="(/console/people/\w+/ids/\w+/block)"', page)

    answer = client.post(block[-1], data={"why": "门店公用邮箱"}, headers=lead)
    assert answer.status_code == 303
    assert identity.find_customer(shop) is None
    assert "停用：不指向任何人" in client.get(person(holder), headers=lead).text


def test_a_person_is_found_by_any_id(client: FlaskClient, lead: dict, pair: tuple[int, int]) -> None:
    wanted = openid_of(pair[0])
    assert client.get(f"/console/people?q={PHONE}", headers=lead).headers["Location"] == person(pair[1])
    found = client.get(f"/console/people?q={wanted.value}&scope={APPID}", headers=lead)
    assert found.headers["Location"] == person(pair[0])
    assert "没有找到「nobody」" in client.get("/console/people?q=nobody", headers=lead).text


def test_a_members_page_opens_by_a_former_id(client: FlaskClient, lead: dict, now: dt.datetime) -> None:
    member, guest = a_member(now, full_name="林晓"), a_customer(now)
    identity.deciding.merge_people(member, other_id=guest, staff_id=None, why="本人确认", now=now)
    former = client.get(f"/console/members/{seal('member', guest)}", headers=lead)
    assert (former.status_code, "林晓" in former.text) == (200, True)


@pytest.mark.parametrize("role", ["marketer", "analyst", "store_manager"])
def test_who_is_no_steward_neither_sees_nor_decides(
    client: FlaskClient, now: dt.datetime, pair: tuple[int, int], role: str
) -> None:
    headers = signed_in_staff(a_staff(now, role=role))
    assert client.get("/console/conflicts", headers=headers).status_code == 403
    assert client.get(person(pair[0]), headers=headers).status_code == 403
    assert client.post(f"{path_of(*pair)}/merge", data={"why": "x"}, headers=headers).status_code == 403
    assert "待核对" not in client.get("/console/members", headers=headers).text
    assert privacy.list_looks(pair[0]) == []


def look_alike(pair: tuple[int, int], now: dt.datetime) -> None:
    alike = {"surname": "same", "given": "same", "birthday": "same", "phone": "slip"}
    found = identity.proposing.Pair(*sorted(pair), 0.97, alike)
    identity.proposing.write_down([found], source="members", now=now)


@pytest.mark.parametrize("verdict", ["merge", "apart", "unclear"])
def test_people_who_look_alike_are_a_queue_of_their_own(
    client: FlaskClient, lead: dict, now: dt.datetime, verdict: str
) -> None:
    one, other = a_customer(now - DAY), a_customer(now)
    look_alike((one, other), now)
    page = client.get("/console/conflicts?of=alike", headers=lead).text
    assert "资料相似 1" in page
    assert "97%" in page
    assert "看不出来" in page

    done = decide(client, lead, (one, other), verdict, of="alike")
    assert "of=alike" in done.headers["Location"]
    assert "没有资料相似的客户" in client.get(done.headers["Location"], headers=lead).text
    assert identity.who.find_present(other) == (one if verdict == "merge" else other)


def test_everything_rooms_say_of_a_merge_has_words() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    codes = set(re.findall(r'Objection\(\s*"([a-z_]+\.[a-z_]+)"', code))
    codes |= set(re.findall(r'merging\.note\([^)]*?code="([a-z_]+\.[a-z_]+)"', code, flags=re.DOTALL))
    assert codes >= {"coupon.over_limit", "teams.two_staff"}, "found by reading the code"
    missing = (codes | {"points.spent_together"}) - set(identity_words.SAID)
    assert not missing, f"say it in console/identity_words.py: {sorted(missing)}"


@pytest.mark.parametrize(
    ("code", "data", "words"),
    [
        ("coupon.over_limit", {"template_id": 1, "taken": 3, "limit": 2, "brought": 1}, "共领了 3 张，超过每人 2 张"),
        ("points.spent_together", {"short": {"7": 1200}}, "1,200 分"),
        ("teams.two_staff", {"staff": ["E001", "E002"]}, "E001、E002"),
        ("some.thing_new", {"count": 2}, "some.thing_new count=2"),
        ("coupon.over_limit", {}, "coupon.over_limit"),
    ],
)
def test_what_rooms_say_is_said_in_the_words_of_the_shop(code: str, data: dict, words: str) -> None:
    assert words in identity_words.said(code, data)
