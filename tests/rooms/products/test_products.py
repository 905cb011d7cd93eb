"""What the brand sells: one code one product, lists that can be narrowed and do not shift."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.kernel.paging import CursorInvalid, encode_cursor
from app.trade import products
from tests.factories.orders import a_product


def codes(page: object) -> list[str]:
    return [product.code for product in page.items]


def test_a_product_has_one_code_and_the_newest_values(database: Session, now: dt.datetime) -> None:
    draft = a_product(now, code="P1")
    changed = products.save_products([dataclasses.replace(draft, price_fen=9900, tags=("b", "a", "a"))], now=now)

    found = products.find_products_by_codes(["P1", "P1", "unheard-of"])

    assert changed == 1
    assert list(found) == ["P1"]
    assert (found["P1"].price_fen, found["P1"].tags) == (9900, ("a", "b"))


def test_saving_the_same_list_again_changes_nothing(database: Session, now: dt.datetime) -> None:
    drafts = [products.ProductDraft(code=f"P{number}", name="口红", tags=("红",)) for number in range(5)]

    assert products.save_products(drafts, now=now) == 5
    assert products.save_products(drafts, now=now + dt.timedelta(days=1)) == 0
    assert products.save_products([], now=now) == 0


def test_more_products_than_one_statement_takes(database: Session, now: dt.datetime) -> None:
    drafts = [products.ProductDraft(code=f"P{number}", name="口红") for number in range(2001)]

    assert products.save_products(drafts, now=now) == 2001
    assert products.find_products_by_codes([]) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "two words"),
        ("code", ""),
        ("name", "  "),
        ("name", "x" * 201),
        ("price_fen", -1),
        ("tags", ("",)),
        ("tags", tuple(str(number) for number in range(51))),
        ("category", "a\0b"),
        ("image_url", "x" * 1001),
        ("image_url", "a\nb"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_saved(
    database: Session, now: dt.datetime, field: str, value: object
) -> None:
    good = products.ProductDraft(code="good", name="口红")
    bad = dataclasses.replace(good, code="bad") if field != "code" else good

    with pytest.raises(products.ProductInvalid) as refused:
        products.save_products([good, dataclasses.replace(bad, **{field: value})], now=now)

    assert refused.value.data["field"] == field
    assert products.find_products_by_codes(["good"]) == {}


@pytest.fixture
def shelf(database: Session, now: dt.datetime) -> None:
    a_product(now, code="red", name="丝绒口红 100%", category="口红", series="丝绒", colour="红", tags=("新品",))
    a_product(now, code="nude", name="丝绒口红", category="口红", series="丝绒", colour="裸", tags=())
    a_product(now, code="cream", name="面霜", category="护肤", series="水漾", colour="", tags=("新品",))
    a_product(now, code="old", name="旧款", category="口红", series="经典", colour="红", on_sale=False)


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, ["red", "nude", "cream"]),
        ({"category": "口红"}, ["red", "nude"]),
        ({"series": "丝绒", "colour": "裸"}, ["nude"]),
        ({"tag": "新品"}, ["red", "cream"]),
        ({"words": "100%"}, ["red"]),
        ({"words": "CREAM"}, ["cream"]),
        ({"words": "%"}, ["red"]),
        ({"on_sale": None}, ["red", "nude", "cream", "old"]),
        ({"on_sale": False}, ["old"]),
    ],
)
def test_a_list_is_narrowed(shelf: None, narrowed: dict, expected: list[str]) -> None:
    assert codes(products.list_products(products.ProductFilter(**narrowed))) == expected


def test_pages_do_not_shift_while_products_are_added(shelf: None, now: dt.datetime) -> None:
    first = products.list_products(products.ProductFilter(), limit=2)
    a_product(now, code="new")
    second = products.list_products(products.ProductFilter(), cursor=first.next_cursor, limit=2)

    assert (codes(first), codes(second)) == (["red", "nude"], ["cream", "new"])
    assert second.next_cursor is None
    with pytest.raises(CursorInvalid):
        products.list_products(products.ProductFilter(), cursor=encode_cursor(["red"]))


def test_one_product_is_shown_and_an_unknown_one_is_not_found(shelf: None) -> None:
    cream = products.find_products_by_codes(["cream"])["cream"]

    assert products.get_product(cream.id) == cream
    with pytest.raises(products.ProductNotFound):
        products.get_product(cream.id + 1000)
