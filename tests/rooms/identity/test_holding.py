"""Ids are given, proven, refused and ended; their history stays."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel import facts
from app.kernel.database import db
from app.people import identity
from tests.factories.people import APPID, a_customer

PHONE = "13800000001"


def phone(value: str = PHONE) -> identity.Identifier:
    return identity.identifier("phone", value)


@pytest.fixture(autouse=True)
def noise(database: object, now: dt.datetime) -> int:
    """Somebody else, whom no question may find."""
    return a_customer(now, openid="o-noise", phone="13900009999")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What identity announces."""
    found: list[object] = []
    for kind in (identity.IdentityAttached, identity.IdentityEnded):
        monkeypatch.setitem(facts._reactions, kind, [found.extend])
    return found


def test_a_phone_is_attached_once_and_told_once(now: dt.datetime, heard: list[object]) -> None:
    customer = a_customer(now)
    heard.clear()
    for _ in range(2):
        identity.attach(customer_id=customer, identifier=phone(), proof="picked", now=now)

    assert heard == [identity.IdentityAttached(customer, "phone", "", phone().index, now)]
    assert identity.find_customer(phone()) == customer
    assert identity.phones.find_phone(customer) == "+8613800000001"


def test_C03_a_phone_that_is_somebody_elses_is_refused_and_nobody_is_named(now: dt.datetime) -> None:
    holder, other = a_customer(now, phone=PHONE), a_customer(now)

    with pytest.raises(identity.IdentityTaken) as refused:
        identity.attach(customer_id=other, identifier=phone(), proof="proven", now=now)
    assert refused.value.data == {"kind": "phone"}
    assert identity.find_customer(phone()) == holder
    assert identity.phones.find_phone(other) is None


def test_C02_a_stronger_proof_is_kept_and_a_weaker_one_is_not(now: dt.datetime) -> None:
    customer = a_customer(now)
    seen = []
    for proof in ("stated", "proven", "picked"):
        identity.attach(customer_id=customer, identifier=phone(), proof=proof, now=now)
        seen.append(identity.list_identities(customer)[-1].proof)

    assert seen == ["stated", "proven", "proven"]


def test_C06_a_released_number_is_free_and_its_history_stays(now: dt.datetime, heard: list[object]) -> None:
    former, later = a_customer(now, phone=PHONE), a_customer(now)
    heard.clear()
    identity.deciding.release(customer_id=former, identifier=phone(), why="换号", now=now + dt.timedelta(days=1))
    identity.attach(customer_id=later, identifier=phone(), proof="proven", now=now + dt.timedelta(days=2))

    ended = identity.list_identities(former, with_ended=True)[-1]
    assert (ended.value, ended.until, ended.why_ended) == ("+8613800000001", now + dt.timedelta(days=1), "换号")
    assert [held.kind for held in identity.list_identities(former)] == ["openid"]
    assert identity.find_customer(phone()) == later
    assert [type(fact).__name__ for fact in heard] == ["IdentityEnded", "IdentityAttached"]


def test_only_its_holder_can_release_a_number(now: dt.datetime) -> None:
    holder, other = a_customer(now, phone=PHONE), a_customer(now)

    with pytest.raises(identity.IdentityMissing):
        identity.deciding.release(customer_id=other, identifier=phone(), why="换号", now=now)
    assert identity.find_customer(phone()) == holder


def test_the_newest_number_is_the_customers_number(now: dt.datetime) -> None:
    customer = a_customer(now, phone=PHONE)
    new = phone("13800000002")
    identity.attach(customer_id=customer, identifier=new, proof="picked", now=now + dt.timedelta(days=1))

    assert identity.phones.phones_of([customer]) == {customer: "+8613800000002"}
    assert identity.phones.phone_indexes_of([customer]) == {phone().index: customer, new.index: customer}


def test_many_ids_are_looked_up_in_one_statement(now: dt.datetime) -> None:
    first, second = a_customer(now, phone=PHONE), a_customer(now, phone="13800000002")
    keys = [phone().key, phone("13800000002").key, phone("13800000003").key]

    assert identity.find_holders(keys) == {keys[0]: (first, first), keys[1]: (second, second)}
    assert identity.find_holders([]) == {}


def test_openid_and_unionid_of_two_customers_make_them_one(now: dt.datetime, heard: list[object]) -> None:
    openid, unionid = identity.identifier("openid", "o-1", scope=APPID), identity.identifier("unionid", "u-1")
    first = identity.recognise([openid], source="miniprogram", now=now)
    second = identity.recognise([unionid], source="official_account", now=now)
    heard.clear()
    for _ in range(2):
        assert identity.recognise([openid, unionid], source="miniprogram", now=now) == first

    assert second != first
    assert identity.find_customer(unionid) == first
    assert heard == []


def test_nobody_is_recognised_by_nothing(now: dt.datetime) -> None:
    with pytest.raises(ValueError, match="identifier"):
        identity.recognise([], source="miniprogram", now=now)


def test_the_database_itself_keeps_a_living_id_with_one_customer(now: dt.datetime) -> None:
    other = a_customer(now)
    copy = text(
        "INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)"
        " SELECT :other, :other, token, kind, scope, value, value_index, proof, since FROM identity WHERE kind = 'phone'"
    )
    with pytest.raises(IntegrityError, match="uq_identity_living"), db.session.begin_nested():
        db.session.execute(copy, {"other": other})


def test_numbers_are_not_readable_in_the_database(now: dt.datetime) -> None:
    a_customer(now, phone=PHONE)
    stored = db.session.execute(text("SELECT value, value_index FROM identity WHERE kind = 'phone'")).all()

    assert stored
    assert not any(PHONE.encode() in bytes(row.value) + bytes(row.value_index) for row in stored)
