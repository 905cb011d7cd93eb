"""Merging and setting apart, as far as identity and privacy hold rows themselves."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel.database import db
from app.people import identity, privacy
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("customer", "identity", "consent", "former_customer")


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables a merge touches here."""
    return {
        name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))] for name in TABLES
    }


def agree(customer_id: int, now: dt.datetime, *, marketing: bool) -> None:
    version = privacy.notice_version()
    privacy.record_consents(
        customer_id=customer_id, answers={"marketing": marketing}, version=version, place="miniprogram", now=now
    )


def test_who_is_merged_brings_ids_and_consents_along(now: dt.datetime) -> None:
    stays, goes = a_customer(now, phone="13800000001"), a_customer(now, phone="13800000002")
    agree(stays, now, marketing=True)
    agree(goes, now, marketing=False)

    merge(stays, goes, now=now)

    assert {one.value for one in identity.list_identities(stays) if one.kind == "phone"} == {
        "+8613800000001",
        "+8613800000002",
    }
    assert privacy.who_agreed([stays, goes], "marketing") == set(), "the newest answer counts for the two"
    assert db.session.execute(text("SELECT id, customer_id FROM former_customer")).all() == [(goes, stays)]


def test_undoing_restores_both_byte_for_byte(now: dt.datetime) -> None:
    stays, goes = a_customer(now, phone="13800000001"), a_customer(now, phone="13800000002")
    agree(goes, now, marketing=True)
    before = everything()

    undo(merge(stays, goes, now=now), now=now)

    assert everything() == before


def test_an_earlier_merge_is_undone_beneath_a_later_one(now: dt.datetime) -> None:
    first, second, third = (a_customer(now, phone=f"1380000000{number}") for number in (1, 2, 3))
    earlier = merge(second, third, now=now)
    merge(first, second, now=now)

    undo(earlier, holder_id=first, now=now)

    assert db.session.execute(text("SELECT id, customer_id FROM former_customer")).all() == [(second, first)]
    assert [one.value for one in identity.list_identities(third) if one.kind == "phone"] == ["+8613800000003"]
    assert len([one for one in identity.list_identities(first) if one.kind == "phone"]) == 2


def test_nobody_goes_while_a_row_still_holds_on_to_them(now: dt.datetime) -> None:
    stays, goes = a_customer(now), a_customer(now)
    db.session.execute(text("CREATE TABLE forgotten (customer_id bigint REFERENCES customer (id))"))
    db.session.execute(text("INSERT INTO forgotten VALUES (:goes)"), {"goes": goes})

    with pytest.raises(IntegrityError, match="forgotten"):
        merge(stays, goes, now=now)
