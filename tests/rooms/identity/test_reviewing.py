"""What people see before they decide who is one person."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.paging import CursorInvalid
from app.people import identity, privacy
from app.people.identity import reviewing
from app.people.identity.rules.masking import mask
from tests.factories.conflicts import held, seen_together
from tests.factories.merging import merge, undo
from tests.factories.people import APPID, a_customer, a_staff

pytestmark = pytest.mark.usefixtures("database")
DAY = dt.timedelta(days=1)


def openid(name: str) -> identity.Identifier:
    return identity.identifier("openid", name, scope=APPID)


def phone(number: str) -> identity.Identifier:
    return identity.identifier("phone", number)


def a_pair(now: dt.datetime, name: str, **more: object) -> tuple[int, int]:
    """Two customers whom evidence would join."""
    one, other = a_customer(now, openid=f"o-{name}-1"), a_customer(now, openid=f"o-{name}-2")
    held(openid(f"o-{name}-1"), openid(f"o-{name}-2"), now=now, **more)
    return one, other


def waiting(now: dt.datetime) -> list[tuple[int, int]]:
    return [(pair.first_id, pair.second_id) for pair in reviewing.list_conflicts(now=now).items]


def test_pairs_wait_oldest_first_and_page_by_page(now: dt.datetime) -> None:
    young, old, middle = a_pair(now, "a"), a_pair(now - 2 * DAY, "b"), a_pair(now - DAY, "c")

    first = reviewing.list_conflicts(now=now, limit=2)
    rest = reviewing.list_conflicts(now=now, limit=2, cursor=first.next_cursor)

    assert [(pair.first_id, pair.second_id) for pair in [*first.items, *rest.items]] == [old, middle, young]
    assert rest.next_cursor is None
    assert reviewing.count_conflicts(now=now) == 3
    with pytest.raises(CursorInvalid):
        reviewing.list_conflicts(now=now, cursor="invented")


def test_several_ties_between_two_people_are_one_conflict_with_its_reasons_in_words(now: dt.datetime) -> None:
    pair = a_pair(now, "a")
    identity.attach(customer_id=pair[0], identifier=phone("13800000001"), proof="picked", now=now)
    held(phone("13800000001"), openid("o-a-2"), now=now - DAY, source="wifi", reason="crowded", data={})

    (found,) = reviewing.list_conflicts(now=now).items
    assert (found.first_id, found.second_id, found.found_at) == (*pair, now - DAY)
    assert set(found.sources) == {"pos", "wifi"}
    assert any("两边各有自己的手机号" in reason for reason in found.reasons)
    assert any("门店公用" in reason for reason in found.reasons)


def test_what_is_put_off_comes_back_and_what_is_settled_does_not(now: dt.datetime) -> None:
    pair = a_pair(now, "a", later_until=now + DAY)
    a_pair(now, "b", settled_at=now)
    a_pair(now, "c", reason="apart")

    assert waiting(now) == []
    assert waiting(now + DAY) == [pair]
    assert reviewing.find_conflict(*reversed(pair)) is not None, "it can be looked at meanwhile"


def test_who_has_become_one_person_waits_no_more(now: dt.datetime) -> None:
    pair = a_pair(now, "a")
    merge(*pair, now=now)
    assert waiting(now) == []


def test_C07_what_was_seen_before_an_id_changed_hands_says_nothing_of_its_new_holder(now: dt.datetime) -> None:
    one, other = a_pair(now, "a")
    identity.deciding.release(customer_id=other, identifier=openid("o-a-2"), why="换绑", now=now)
    assert waiting(now) == []
    assert a_customer(now, openid="o-a-2") not in (one, other)
    assert waiting(now) == []


def test_between_two_people_stands_what_was_seen_with_source_and_date(now: dt.datetime) -> None:
    one, other = a_pair(now, "a")
    identity.attach(customer_id=one, identifier=phone("13800000001"), proof="picked", now=now)
    seen_together(phone("13800000001"), openid("o-a-2"), now=now - DAY, source="crm")
    seen_together(phone("13800000001"), openid("o-a-1"), now=now, source="miniprogram")

    ties = reviewing.list_ties_between(one, other)
    assert [(tie.source, tie.first_seen, tie.held) for tie in ties] == [("crm", now - DAY, False), ("pos", now, True)]
    assert ties[0].one
    assert ties[0].other
    assert "138****0001" in (ties[0].one.masked, ties[0].other.masked)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613812345678", "138****5678"),
        ("email", "lin.xiao@example.cn", "l****@example.cn"),
        ("openid", "oABCDEFGHIJKLMNOP", "oAB****NOP"),
        ("card", "8012345678901234", "****1234"),
        ("card", "A123", "A****"),
        ("qq", "12345", "1****"),
    ],
)
def test_G08_an_id_is_shown_with_its_middle_hidden(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


def test_one_view_tells_a_persons_ids_evidence_merges_and_former_selves(now: dt.datetime) -> None:
    stays, goes = a_customer(now, openid="o-1"), a_customer(now, openid="o-2", phone="13800000002")
    seen_together(openid("o-1"), openid("o-2"), now=now, source="miniprogram", proof="proven")
    merged = merge(stays, goes, now=now)
    identity.merging.note(merge_id=merged.merge_id, code="coupon.over_limit", data={"held": 3})

    person = reviewing.find_person(goes)
    assert person is not None
    assert (person.customer_id, person.former_ids) == (stays, (goes,))
    assert [(one.kind, one.born_customer_id) for one in person.ids] == [
        ("openid", stays),
        ("openid", goes),
        ("phone", goes),
    ]
    assert [(tie.source, tie.proof) for tie in person.ties if tie.source == "miniprogram"] == [
        ("miniprogram", "proven")
    ]
    (found,) = person.merges
    assert (found.survivor_id, found.gone_id, found.stands) == (stays, goes, True)
    assert [[one.kind for one in side] for side in found.before] == [["openid"], ["openid", "phone"]]
    assert [(note.code, note.data) for note in found.notes] == [("coupon.over_limit", {"held": 3})]


def test_undoing_is_shown_before_it_is_done_also_beneath_a_later_merge(now: dt.datetime) -> None:
    first, second, third = (a_customer(now, openid=f"o-{number}") for number in range(3))
    earlier = merge(second, third, now=now)
    later = merge(first, second, now=now)

    preview = reviewing.preview_undo(later.merge_id)
    assert preview is not None
    assert (preview.from_id, preview.to_id) == (first, second)
    assert {one.born_customer_id for one in preview.ids} == {second, third}
    assert {one.born_customer_id for one in preview.rest} == {first}

    beneath = reviewing.preview_undo(earlier.merge_id)
    assert beneath is not None
    assert (beneath.from_id, beneath.to_id, len(beneath.ids), len(beneath.rest)) == (first, third, 1, 2)
    undo(earlier, holder_id=first, now=now)
    assert reviewing.preview_undo(earlier.merge_id) is None
    assert reviewing.preview_undo(12345) is None


def test_G08_whoever_opens_a_person_is_written_down_once_a_look(now: dt.datetime) -> None:
    customer, lead = a_customer(now, phone="13800000001"), a_staff(now, role="lead")
    identity.looking.open_person(customer, staff_id=lead, why="核对身份", now=now)
    identity.looking.open_person_of(phone("13800000001"), machine="demo-pos", why="open_api", now=now)

    assert [(look.staff_id, look.machine, look.field) for look in privacy.list_looks(customer)] == [
        (None, "demo-pos", "person"), (lead, None, "person"),
    ]  # fmt: skip
    assert identity.looking.open_person(99_999, staff_id=lead, why="核对身份", now=now) is None
    assert identity.looking.open_person_of(phone("13800000009"), machine="demo-pos", why="open_api", now=now) is None
    with pytest.raises(privacy.ReasonMissing):
        identity.looking.open_person(customer, staff_id=lead, why=" ", now=now)


def test_a_look_has_one_looker(now: dt.datetime) -> None:
    columns = "customer_id, born_customer_id, field, reason, looked_at"
    with pytest.raises(Exception, match="ck_look_one_looker"):
        db.session.execute(
            text(f"INSERT INTO look ({columns}) VALUES (:id, :id, 'f', 'r', now())"), {"id": a_customer(now)}
        )
