"""The model that proposes pairs, on people whose truth is known; the labels are for scoring only."""

import subprocess
import sys

import pytest

from app.people.identity.rules import matching
from app.people.identity.rules.proposing import WeakRecord, reasons_in_words
from benchmarks._weak_people import febrl, made_up
from tests.conftest import REPOSITORY

SOME = febrl("dataset1").half()


@pytest.fixture(scope="module")
def found() -> list[matching.Pair]:
    return matching.match(SOME.records)


def test_doubles_of_febrl_are_found_without_their_labels(found: list[matching.Pair]) -> None:
    precision, recall, f1 = SOME.scores(found)
    assert precision >= 0.99
    assert recall >= 0.98
    assert f1 >= 0.99


def test_the_same_records_give_the_same_pairs(found: list[matching.Pair]) -> None:
    assert matching.match(SOME.records) == found


@pytest.mark.long
def test_febrl_4_reaches_99_percent_at_the_default_threshold() -> None:
    known = febrl("dataset4a", "dataset4b")
    assert known.scores(matching.match(known.records))[2] >= 0.99


@pytest.mark.long
def test_chinese_names_in_pinyin_by_sound_and_families_of_one_home() -> None:
    known = made_up()
    precision, recall, _ = known.scores(matching.match(known.records))
    assert precision >= 0.97, "brothers and sisters of one home are not one person"
    assert recall >= 0.8


def crowd(*own: WeakRecord) -> list[WeakRecord]:
    """These among a hundred others."""
    return [*made_up(100, twice=0, seed=3).records, *own]


def of(number: int, **told: str) -> WeakRecord:
    return WeakRecord(customer_id=10_000 + number, **told)


def test_a_home_is_not_a_person() -> None:
    home = "浙江省杭州市西湖区文三路478号3幢1202室"
    sisters = (
        of(1, name="欧阳静", phone="13800001111", address=home),
        of(2, name="欧阳倩", phone="13800001112", address=home),
    )
    assert [pair for pair in matching.match(crowd(*sisters)) if pair.low > 10_000] == []


def test_a_slip_of_the_pen_is_seen_through_and_said() -> None:
    same = (
        of(1, name="欧阳静", birthday="1990-03-07", phone="13800001111"),
        of(2, name="Ouyang Jing", birthday="1990/7/3", phone="13800001171"),
    )
    (pair,) = (found for found in matching.match(crowd(*same)) if found.low > 10_000)
    assert (pair.low, pair.high) == (10_001, 10_002)
    assert reasons_in_words(pair.levels) == ("姓名同音", "生日月日写反", "手机号差一位")


def test_records_of_one_customer_are_no_pair_and_count_by_their_best() -> None:
    told = {"name": "欧阳静", "birthday": "1990-03-07"}
    records = crowd(of(1, **told), of(1, **told, phone="13800001111"), of(2, name="欧阳静", birthday="1990-03-07"))
    assert [(pair.low, pair.high) for pair in matching.match(records) if pair.low > 10_000] == [(10_001, 10_002)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_to_match_are_no_error(count: int) -> None:
    assert matching.match([of(number, name="欧阳静") for number in range(count)]) == []


def test_a_web_process_never_loads_the_matching() -> None:
    words = "import wsgi, sys; print([name for name in ('splink', 'duckdb', 'pypinyin') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", words], check=True, cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip().endswith("[]")
