"""One form for each id, so that equal ids are equal however they were typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people import identity
from app.people.identity import rules


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "+86 138-0013-8000",
        "8613800138000",
        "008613800138000",
        "１３８００１３８０００",
    ],
)
def test_a_mainland_number_has_one_form(typed: str) -> None:
    assert rules.normalise("phone", typed) == "+8613800138000"


@pytest.mark.parametrize(
    ("typed", "form"),
    [("+852 6123 4567", "+85261234567"), ("+1 (415) 555-2671", "+14155552671"), ("021-52345678", "+862152345678")],
)
def test_C12_overseas_and_fixed_numbers_are_kept_in_e164(typed: str, form: str) -> None:
    assert rules.normalise("phone", typed) == form


@pytest.mark.parametrize(
    "typed", ["", "12", "abc", "138001380001", "12800138000", "+999123456", "+8613800138000x12", "1" * 200, "\0"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(identity.IdentifierInvalid) as refused:
        identity.identifier("phone", typed)
    assert refused.value.data == {"kind": "phone", "part": "phone"}, "the text is never repeated"


@pytest.mark.parametrize(
    ("kind", "scope", "value", "part"),
    [
        ("fax", "", "1", "kind"),
        ("openid", "", "o1", "scope"),
        ("phone", "app", "13800138000", "scope"),
        ("jd", "s" * 129, "1", "scope"),
        ("openid", "app", "", "value"),
        ("openid", "app", "o 1", "value"),
        ("openid", "app", "o\x001", "value"),
        ("openid", "app", "o" * 129, "value"),
        ("email", "", "nobody", "email"),
        ("email", "", "a@b", "email"),
        ("email", "", f"{'a' * 130}@b.cn", "email"),
        ("email", "", "a\0@b.cn", "email"),
    ],
)
def test_what_is_no_id_of_its_kind_is_refused(kind: str, scope: str, value: str, part: str) -> None:
    with pytest.raises(identity.IdentifierInvalid) as refused:
        identity.identifier(kind, value, scope=scope)
    assert refused.value.data["part"] == part


def test_ids_keep_their_case_where_it_matters_and_lose_it_where_not() -> None:
    assert rules.normalise("openid", " oAbC-_1 ") == "oAbC-_1"
    assert rules.normalise("email", "Lin.Xiao@Example.CN") == "lin.xiao@example.cn"
    assert rules.normalise("card", " vip 0001a ") == "VIP0001A"


def test_equal_ids_of_different_kinds_or_scopes_are_different() -> None:
    keys = {
        identity.identifier("jd", "1").key,
        identity.identifier("qq", "1").key,
        identity.identifier("jd", "1", scope="shop-1").key,
    }
    assert len(keys) == 3


def test_indexes_for_an_import_stand_where_their_values_stood() -> None:
    good = identity.identifier("phone", "13800138000").index

    assert identity.who.indexes_for("phone", ["138 0013 8000", "nonsense", "+8613800138000"]) == [good, None, good]


@given(st.sampled_from(sorted(rules.KINDS)), st.text(max_size=40))
def test_a_normalised_value_is_its_own_form(kind: str, typed: str) -> None:
    try:
        form = rules.normalise(kind, typed)
    except rules.NotAnIdentifier:
        return
    assert rules.normalise(kind, form) == form


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+8613800138000", "138****8000"), ("13800138000", "138****8000"), ("+85261234567", "+852****4567")],
)
def test_G08_a_masked_number_hides_its_middle(phone: str, shown: str) -> None:
    assert identity.phones.mask_phone(phone) == shown


def test_a_stronger_proof_wins() -> None:
    assert rules.stronger("picked", "proven") == rules.stronger("proven", "stated") == "proven"
