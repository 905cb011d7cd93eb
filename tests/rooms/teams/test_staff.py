"""Who works here, in which role and where."""

import datetime as dt

import pytest

from app.kernel import facts
from app.people import identity, teams
from tests.factories.people import a_customer, a_staff, a_store


@pytest.fixture
def noise(database: object, now: dt.datetime) -> int:
    """Somebody else at work, whom no question may find."""
    return a_staff(now, role="admin", code="NOISE", phone="13900009999")


@pytest.mark.usefixtures("noise")
def test_staff_have_a_role_a_team_and_stores(now: dt.datetime) -> None:
    first, second = a_store(now, code="S1"), a_store(now, code="S2")
    team_id = teams.save_teams({"T1": "华东", "T2": "华南"}, now=now)["T1"]
    staff_id = a_staff(now, code="E1", name="林晓", role="guide", team_code="T1", store_codes=("S2", "S1", "S2"))

    assert teams.find_at_work(staff_id) == teams.StaffMember(
        staff_id, "E1", "林晓", "guide", team_id, tuple(sorted((first, second)))
    )
    assert [member.code for member in teams.list_staff(store_id=first)] == ["E1"]
    assert [member.code for member in teams.list_staff()] == ["E1", "NOISE"]


@pytest.mark.usefixtures("noise")
def test_changed_staff_stay_the_same_person_and_lose_former_stores(now: dt.datetime) -> None:
    store_id = a_store(now, code="S1")
    staff_id = a_staff(now, code="E1", role="guide", store_id=store_id)

    assert a_staff(now, code="E1", role="store_manager") == staff_id
    member = teams.find_at_work(staff_id)
    assert member is not None
    assert (member.role, member.store_ids) == ("store_manager", ())
    assert teams.save_staff([], now=now) == teams.save_teams({}, now=now) == {}


def test_a_team_is_renamed_by_its_code(database: object, now: dt.datetime) -> None:
    assert teams.save_teams({"T1": "华东"}, now=now) == teams.save_teams({"T1": "华东一区"}, now=now)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "boss"}, "role"),
        ({"team_code": "T9"}, "team_code"),
        ({"store_codes": ("S9",)}, "store_codes"),
        ({"phone": "12"}, "phone"),
    ],
)
def test_staff_of_no_known_role_team_or_store_are_refused(
    database: object, now: dt.datetime, wrong: dict, field: str
) -> None:
    with pytest.raises(teams.StaffInvalid) as refused:
        a_staff(now, code="E1", **wrong)

    assert (refused.value.data["code"], refused.value.data["field"]) == ("E1", field)


@pytest.mark.usefixtures("noise")
def test_G03_who_left_is_not_at_work_and_everybody_upstairs_hears_it(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[object] = []
    monkeypatch.setitem(facts._reactions, teams.StaffLeft, [heard.extend])
    staff_id = a_staff(now, code="E1")
    teams.leave(staff_id=staff_id, why="离职", now=now)

    assert teams.find_at_work(staff_id) is None
    assert [member.code for member in teams.list_staff()] == ["NOISE"]
    assert heard == [teams.StaffLeft(staff_id, None, "离职", now)]
    with pytest.raises(teams.StaffUnknown):
        teams.leave(staff_id=staff_id, why="again", now=now)
    assert a_staff(now, code="E1") == staff_id, "who comes back is the same person"
    assert teams.find_at_work(staff_id) is not None


@pytest.mark.usefixtures("noise")
def test_X01_staff_are_known_among_customers_while_they_work_here(now: dt.datetime) -> None:
    clerk, stranger = a_customer(now, phone="13800000001"), a_customer(now, phone="13800000002")
    staff_id = a_staff(now, phone="+86 138 0000 0001")

    assert teams.are_staff([clerk, stranger]) == {clerk}
    teams.leave(staff_id=staff_id, why="离职", now=now)
    assert teams.are_staff([clerk, stranger]) == set()


@pytest.mark.usefixtures("noise")
def test_X01_a_number_that_was_given_up_marks_nobody(now: dt.datetime) -> None:
    customer = a_customer(now, phone="13800000001")
    a_staff(now, phone="13800000001")
    phone = identity.identifier("phone", "13800000001")
    identity.deciding.release(customer_id=customer, identifier=phone, why="换号", now=now)

    assert teams.are_staff([customer]) == set()


def objections(survivor_id: int, gone_id: int) -> list[tuple[str, dict[str, object]]]:
    heard = facts.ask(identity.MergeProposed(survivor_id, gone_id))
    return [(one.code, one.data) for one in heard if one.code.startswith("teams.")]


@pytest.mark.usefixtures("noise")
def test_X01_two_who_work_here_are_two_people(now: dt.datetime) -> None:
    first, second, guest = (a_customer(now, phone=f"1390000000{number}") for number in (1, 2, 3))
    for number in (1, 2):
        a_staff(now, code=f"E{number}", phone=f"1390000000{number}")

    assert objections(first, second) == [("teams.two_staff", {"staff": ["E1", "E2"]})]
    assert objections(first, guest) == objections(guest, second) == []


@pytest.mark.usefixtures("noise")
def test_X01_who_left_and_who_has_two_phones_is_no_objection(now: dt.datetime) -> None:
    first, second, third = (a_customer(now, phone=f"1390000000{number}") for number in (1, 2, 3))
    left = a_staff(now, code="E1", phone="13900000001")
    a_staff(now, code="E2", phone="13900000002")
    teams.leave(staff_id=left, why="离职", now=now)
    identity.attach(customer_id=third, identifier=identity.identifier("card", "K1"), proof="proven", now=now)

    assert objections(first, second) == []
    assert objections(second, third) == []
