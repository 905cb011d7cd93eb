"""Cards of the former system: imported, bound by phone, bound by number."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.membership import members, points
from app.membership.members.queries.history import list_growth
from app.membership.members.rules.joining import name_digest
from app.people import identity
from tests.factories.members import a_member
from tests.factories.people import a_customer, a_phone, signed_in
from tests.rooms.members.ordering import bought

DAY = dt.timedelta(days=1)
HEADER = "card_number,phone,name,tier,tier_until,growth,lots,joined_on\n"
heard: list[Any] = []
reacts_to(members.OldCardBound)(heard.extend)
reacts_to(members.MemberJoined)(heard.extend)


@pytest.fixture(autouse=True)
def _silence() -> None:
    heard.clear()


def bring(lines: str, now: dt.datetime, *, cut_over_at: dt.datetime | None = None) -> tuple[Any, list[Any]]:
    """Import these lines; the report and what was rejected."""
    rejected: list[Any] = []
    report = members.import_old_cards(
        lines=csv.DictReader(io.StringIO(HEADER + lines)),
        cut_over_at=cut_over_at or now - 30 * DAY,
        now=now,
        reject=lambda number, reason: rejected.append((number, reason)),
    )
    return report, rejected


def test_C08_all_old_cards_of_a_phone_are_bound_in_one_go(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    bring(
        f"OLD-0001,{phone},林晓月,silver,2027-01-31,600,500@2026-12-31;200@2027-06-30,2019-03-01\n"
        f"OLD-0002,{phone},林晓月,gold,2026-08-31,300,,2021-11-11\n"
        f"OLD-0003,{a_phone()},别人,black,2027-01-31,9000,,2018-01-01\n",
        now,
    )
    view = members.get_member(a_member(now, phone=phone))

    assert (view.level, view.growth, view.gift) == (2, 900, "binding")
    assert view.level_until == dt.datetime(2026, 8, 31, 16, tzinfo=dt.UTC), "gold keeps its own end"
    assert view.member_since == dt.date(2019, 3, 1)
    assert [type(fact).__name__ for fact in heard] == ["MemberJoined", "OldCardBound", "OldCardBound"]
    lots = {lot for fact in heard[1:] for lot in fact.lots}
    assert lots == {
        members.OpeningLot(500, dt.datetime(2026, 12, 31, 16, tzinfo=dt.UTC)),
        members.OpeningLot(200, dt.datetime(2027, 6, 30, 16, tzinfo=dt.UTC)),
    }


def test_O05_orders_before_the_cut_over_earn_nothing_again(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    bring(f"OLD-0001,{phone},林晓月,,,400,,\n", now, cut_over_at=now - 30 * DAY)
    bought(phone, 500, now - 31 * DAY)
    bought("OLD-0001", 70, now - 29 * DAY, kind="card")
    bought("OLD-0001", 5000, now - 40 * DAY, kind="card")
    member = members.get_member(a_member(now, phone=phone))

    assert (member.growth, member.earns_since) == (470, now - 30 * DAY)
    assert members.rates_at([(member.customer_id, now - 31 * DAY)]) == [0]
    assert identity.find_customer(identity.identifier("card", "OLD-0001")) == member.customer_id


def test_O05_orders_in_the_balance_of_a_card_bound_later_earn_nothing_again(
    client: FlaskClient, now: dt.datetime
) -> None:
    points.ship_stock(now=now)
    bring("OLD-0001,13900000001,林晓月,,,0,500@2026-12-31,\n", now, cut_over_at=now - 30 * DAY)
    bought("OLD-0001", 5000, now - 40 * DAY, kind="card")
    bought("OLD-0001", 70, now - 29 * DAY, kind="card")
    member = a_member(now)
    assert bind(client, member).status_code == 200
    bought("OLD-0001", 3000, now - 35 * DAY, kind="card")

    found = points.get_balance(member, now=now)
    assert found.spendable + found.pending == 500 + 70
    assert members.get_member(member).growth == 70


def test_a_brought_tier_is_judged_at_its_own_end(database: object, now: dt.datetime) -> None:
    kept, fell = a_phone(), a_phone()
    bring(
        f"OLD-1,{kept},甲,gold,2026-08-31,2400,,\nOLD-2,{fell},乙,gold,2026-08-31,2399,,\n".replace("OLD-", "OLD-000"),
        now,
    )
    first, second = a_member(now, phone=kept), a_member(now, phone=fell)
    members.review_tiers_due(now=dt.datetime(2026, 9, 1, tzinfo=dt.UTC), limit=10)

    assert (members.get_member(first).level, members.get_member(second).level) == (2, 1)


def test_a_card_of_a_guests_phone_waits_until_they_join(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    guest = a_customer(now, phone=phone)
    bring(f"OLD-0001,{phone},林晓月,,,400,,\n", now)
    assert heard == []
    assert members.get_member(a_member(now, customer_id=guest)).growth == 400


def test_a_file_of_bad_lines_keeps_nothing(database: object, now: dt.datetime) -> None:
    report, rejected = bring("!,,,,,,,\n", now)
    assert (report.kept, rejected) == (0, [(2, "card_number")])


def test_importing_again_changes_nothing_that_is_bound(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    line = f"OLD-0001,{phone},林晓月,,,400,,\n"
    assert bring(line, now)[0].kept == 1
    report, _ = bring(line.replace("400", "450"), now)
    assert (report.kept, report.bound_before) == (1, 0)
    member = a_member(now, phone=phone)
    report, _ = bring(line.replace("400", "999"), now)

    assert (report.kept, report.bound_before) == (0, 1)
    assert members.get_member(member).growth == 450


def test_a_card_that_comes_after_its_holder_joined_is_bound_at_once(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    member = a_member(now, phone=phone)
    bring(f"OLD-0001,{phone},林晓月,silver,2027-01-31,400,100@2026-12-31,2019-03-01\n", now)

    view = members.get_member(member)
    assert (view.level, view.growth, view.member_since, view.gift) == (1, 400, dt.date(2019, 3, 1), "new_customer")
    assert [entry.why for entry in list_growth(member)] == ["old_card"]
    assert members.recount(now=now) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("!,13900000001,林,,,0,,", "card_number"),
        ("OLD-0001,139,林,,,0,,", "phone"),
        ("OLD-0001,,林,,,x,,", "growth"),
        ("OLD-0001,,林,,,9999999999999,,", "growth"),
        ("OLD-0001,,林,gold,,0,,", "tier without tier_until, or the other way round"),
        ("OLD-0001,,林,gold,2026-13-01,0,,", "tier_until"),
        ("OLD-0001,,林,amber,2027-01-01,0,,", "tier"),
        ("OLD-0001,,林,,,0,500,", "lots"),
        ("OLD-0001,,林,,,0,500@2026-02-30,", "lots"),
        ("OLD-0001,,林,,,0,,0019-03-01", "joined_on"),
    ],
)
def test_a_bad_line_is_told_with_number_and_reason_and_good_ones_are_kept(
    database: object, now: dt.datetime, line: str, reason: str
) -> None:
    report, rejected = bring(f"OLD-0009,,甲,,,0,,\n{line}\nOLD-0010,,乙,,,,,\n", now)

    assert rejected == [(3, reason)]
    assert (report.read, report.kept, report.rejected) == (3, 2, 1)


def bind(client: FlaskClient, customer_id: int, **body: Any) -> Any:
    proof = {"card_number": "OLD-0001", "full_name": "林 晓月", "phone": "13900000001"} | body
    return client.post("/mp/v1/card/bind-old", json=proof, headers=signed_in(customer_id))


def test_C09_an_old_card_is_bound_by_number_name_and_phone(client: FlaskClient, now: dt.datetime) -> None:
    bring("OLD-0001,13900000001,林晓月,silver,2099-01-31,400,,\n", now)
    member = a_member(now)
    first, again = bind(client, member), bind(client, member)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.get_json()["tier"]["name"], again.get_json()["growth"]) == ("银卡", 400)
    assert bind(client, a_member(now)).get_json()["code"] == "card.old_card_unproven"


def test_C09_or_by_one_purchase_where_the_phone_is_wrong(client: FlaskClient, now: dt.datetime) -> None:
    bring(f"OLD-0001,,{name_digest('林晓月')},,,400,,\n", now)
    bought("OLD-0001", 88, now - DAY, kind="card", number="R-7788")
    member = a_member(now)

    assert bind(client, member, phone="13900000001").status_code == 422
    assert bind(client, member, phone=None, order_number="R-0000").status_code == 422
    bound = bind(client, member, phone=None, order_number="R-7788")
    assert (bound.status_code, bound.get_json()["growth"]) == (200, 488)


def test_C09_the_answer_never_tells_whether_a_card_exists(client: FlaskClient, now: dt.datetime) -> None:
    bring("OLD-0001,13900000001,林晓月,,,400,,\n", now)
    answers = [
        bind(client, a_member(now), **body).get_json()
        for body in (
            {"card_number": "OLD-0002"},
            {"full_name": "别人"},
            {"phone": "13900000002"},
            {"card_number": "OLD\t1"},
        )
    ]
    for answer in answers:
        answer.pop("trace_id")

    assert answers[0]["data"] == {"left": 4}
    assert all(answer == answers[0] for answer in answers)


def test_C09_five_failures_lock_for_the_day(client: FlaskClient, now: dt.datetime) -> None:
    bring("OLD-0001,13900000001,林晓月,,,400,,\n", now)
    member = a_member(now)
    wrong = [bind(client, member, full_name="别人") for _ in range(5)]
    locked = bind(client, member)

    assert [answer.get_json()["data"]["left"] for answer in wrong] == [4, 3, 2, 1, 0]
    assert (locked.status_code, locked.get_json()["code"]) == (429, "card.old_card_locked")
    db.session.execute(text("UPDATE old_card_attempts SET day = day - 1"))
    assert bind(client, member).status_code == 200


@pytest.mark.parametrize("body", [{"phone": None}, {"card_number": ""}, {"full_name": "林\0"}, {"more": 1}])
def test_a_malformed_claim_is_refused(client: FlaskClient, now: dt.datetime, body: dict) -> None:
    answer = bind(client, a_member(now), **body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.invalid")


def test_guests_take_the_card_first(client: FlaskClient, now: dt.datetime) -> None:
    assert bind(client, a_customer(now)).get_json()["code"] == "card.none"
    assert client.post("/mp/v1/card/bind-old", json={}).status_code == 401
