"""Machines tell which ids were seen together, and ask for a person."""

import datetime as dt
from typing import Any

import pytest

from app.kernel.ids import seal, unseal
from app.people import identity, privacy
from tests.doors.open_api.conftest import Shop
from tests.factories.people import a_customer

TELL, FIND = "/open/v1/observations", "/open/v1/people/find"
PHONE = "13800000001"


def an_id(kind: str, value: str, scope: str = "") -> dict[str, str]:
    return {"kind": kind, "value": value, "scope": scope}


def seen(*ids: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"ids": list(ids), "seen_at": "2026-05-20T11:00:00+08:00"} | more


def tell(shop: Shop, *observations: Any, **bent: Any) -> list[dict[str, Any]]:
    answer = shop.send("POST", TELL, {"observations": list(observations)}, **bent)
    assert answer.status_code == 200, answer.get_json()
    return list(answer.get_json()["outcomes"])


def test_ids_seen_together_become_one_person_in_any_order_and_any_number_of_times(shop: Shop) -> None:
    card, phone, crm = an_id("card", "A0012345"), an_id("phone", PHONE), an_id("crm", "77001", "erp")
    first, second, again = tell(shop, seen(card, crm), seen(phone, crm), seen(card, crm))

    assert [one["status"] for one in (first, second, again)] == ["accepted"] * 3
    assert first["person_id"] == second["person_id"] == again["person_id"]
    assert (first["held"], first["left_out"], first["reason"]) == (0, [], None)
    assert identity.find_customer(identity.identifier("phone", PHONE)) == unseal("customer", first["person_id"])


def test_O01_O02_what_a_marketplace_tells_of_a_receiver_joins_nobody(shop: Shop, now: dt.datetime) -> None:
    known = a_customer(now, phone=PHONE)
    (told,) = tell(shop, seen(an_id("ouid", "AAHk5d1", "shop-1"), an_id("phone", PHONE), source="tmall"))

    assert (told["status"], told["left_out"]) == ("accepted", [{"kind": "phone", "reason": "receiver"}])
    assert unseal("customer", told["person_id"]) != known


def test_each_observation_has_its_own_outcome_and_a_bad_one_spoils_no_other(shop: Shop) -> None:
    good = seen(an_id("card", "A0012345"), an_id("phone", "12"), an_id("wechat", "x"))
    bad: list[tuple[Any, str]] = [
        (seen(an_id("phone", "138****0001")), "ids: none is usable"),
        (seen(an_id("phone", "13800138000")), "ids: none is usable"),
        (seen(), "ids: "),
        (seen(an_id("card", "A1"), proof="sworn"), "proof: "),
        (seen(an_id("card", "A1"), source="天猫"), "source: "),
        (seen(an_id("card", "A1"), seen_at="2026-05-21T12:00:00Z"), "seen_at: in the future"),
        (seen(an_id("card", "A1"), seen_at="yesterday"), "seen_at: "),
        (seen({"kind": "card"}), "ids.0.value: "),
        ("nothing", "_schema: "),
    ]
    first, *rest = tell(shop, good, *(one for one, _ in bad))

    assert first["left_out"] == [{"kind": "phone", "reason": "invalid"}, {"kind": "wechat", "reason": "invalid"}]
    assert first["status"] == "accepted"
    assert [(one["status"], one["person_id"]) for one in rest] == [("refused", None)] * len(bad)
    for one, (_, reason) in zip(rest, bad, strict=True):
        assert one["reason"].startswith(reason)


@pytest.mark.parametrize("count", [0, 101])
def test_a_call_holds_one_to_a_hundred(shop: Shop, count: int) -> None:
    answer = shop.send("POST", TELL, {"observations": [seen(an_id("card", f"A{n}")) for n in range(count)]})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.invalid")


def test_who_told_it_stands_in_the_evidence(shop: Shop) -> None:
    tell(shop, seen(an_id("card", "A0012345"), an_id("crm", "77001", "erp")))
    (told,) = tell(shop, seen(an_id("card", "A0012345"), an_id("omid", "om-1"), source="jd"), key="demo-pos")
    person = identity.reviewing.find_person(unseal("customer", told["person_id"]))

    assert person is not None
    assert {tie.source for tie in person.ties} == {"demo-shop", "jd via demo-pos"}


def test_G08_a_person_is_found_by_any_id_masked_and_the_look_is_written_down(shop: Shop, now: dt.datetime) -> None:
    customer = a_customer(now, openid="o-known-person", phone=PHONE)
    answer = shop.send("POST", FIND, {"id": an_id("phone", f"+86 {PHONE}")}, key="demo-pos")
    again = shop.send("POST", FIND, {"person_id": answer.get_json()["person_id"]}, key="demo-pos")

    assert answer.get_json() == again.get_json()
    assert answer.get_json()["person_id"] == seal("customer", customer)
    assert [one["masked"] for one in answer.get_json()["ids"]] == ["o-k****son", "138****0001"]
    assert PHONE not in answer.text
    looks = privacy.list_looks(customer)
    assert [(look.machine, look.staff_id, look.reason) for look in looks] == [("demo-pos", None, "open_api")] * 2


def test_a_former_id_finds_the_present_person(shop: Shop, now: dt.datetime) -> None:
    stays, goes = a_customer(now - dt.timedelta(days=1)), a_customer(now)
    identity.deciding.merge_people(stays, other_id=goes, staff_id=None, why="本人确认", now=now)
    found = shop.send("POST", FIND, {"person_id": seal("customer", goes)}).get_json()

    assert (found["person_id"], found["former_ids"]) == (seal("customer", stays), [seal("customer", goes)])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"id": an_id("phone", "13900000009")}, 404, "identity.nobody"),
        ({"person_id": seal("customer", 999_999)}, 404, "identity.nobody"),
        ({"id": an_id("phone", "12")}, 422, "identity.invalid"),
        ({"id": an_id("openid", "o-1")}, 422, "identity.invalid"),
        ({"person_id": "a" * 26}, 422, "request.invalid"),
        ({}, 422, "request.invalid"),
        ({"id": an_id("phone", PHONE), "person_id": seal("customer", 1)}, 422, "request.invalid"),
    ],
)
def test_who_is_nobody_is_not_found(shop: Shop, body: dict[str, Any], status: int, code: str) -> None:
    answer = shop.send("POST", FIND, body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("path", [TELL, FIND])
def test_strangers_neither_tell_nor_ask(shop: Shop, path: str) -> None:
    assert shop.client.post(path, json={}).status_code == 401
