"""Files of observations: what is read of good lines, and what is said of bad ones."""

import csv
import datetime as dt
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people.identity import rules
from app.people.identity.rules import columns_of_ids
from app.people.identity.rules.observation_batches import Batch, Told, read_batch
from app.people.identity.rules.observation_files import HeaderWrong, ParquetFile, Position, Problem, open_file

TOLD = Told(source=None, proof="stated", until=1_800_000_000_000_000)
HEADER = "seen_at,source,proof,phone,unionid,openid:wx1\n"
GOOD = "2025-01-01 10:00:00,counter,proven,13800138001,u1,o1\n"


def batch_of(text: str, *, encoding: str = "utf-8", told: Told = TOLD) -> Batch:
    file = open_file(io.BytesIO(text.encode(encoding)), parquet=False, encoding=encoding)
    return read_batch(list(file.blocks(Position())), told)


def named(batch: Batch) -> set[tuple[int, str, str]]:
    """Which row names which value of which column."""
    return {
        (row, one.column.name, one.values[code].as_py())
        for one in batch.named
        for row, code in zip(one.rows.tolist(), one.codes.tolist(), strict=True)
    }


def test_a_row_names_ids_at_a_time_by_a_source() -> None:
    batch = batch_of(HEADER + GOOD + "2025-01-01T02:00:00Z,wecom,,138 0013 8002|13800138001,,\n")

    assert named(batch) == {
        (0, "phone", "+8613800138001"),
        (0, "unionid", "u1"),
        (0, "openid:wx1", "o1"),
        (1, "phone", "+8613800138001"),
        (1, "phone", "+8613800138002"),
    }
    assert batch.seen_at.tolist() == [1_735_696_800_000_000] * 2, "Shanghai's time where no zone is told"
    assert [batch.sources[code] for code in batch.source] == ["counter", "wecom"]
    assert [rules.PROOFS[code] for code in batch.proof] == ["proven", "stated"]
    assert (batch.problems, batch.read, batch.refused) == ([], 2, 0)


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("x,counter,,13800138001,u1,", [(2, "refused", "seen_at", "no time")]),
        ("2032-01-01,counter,,13800138001,u1,", [(2, "refused", "seen_at", "not between 1970 and now")]),
        ("2025-01-01,,,13800138001,u1,", [(2, "refused", "source", "no source")]),
        ("2025-01-01,counter,sure,,u1,", [(2, "refused", "proof", "none of stated, picked, proven")]),
        ("2025-01-01,counter,,13800138001,u1", [(2, "refused", "", "number of columns")]),
        ('2025-01-01,counter,,"13800138001,u1,', [(2, "refused", "", "quotes")]),
        ("2025-01-01,counter,,,,", [(2, "refused", "", "no id that can be used")]),
        ("2025-01-01,counter,,123,u1,", [(2, "kept", "phone", "no phone")]),
        ("2025-01-01,counter,,123,,", [(2, "refused", "", "no id that can be used"), (2, "refused", "phone", "no phone")]),
        ("2025-01-01,counter,,," + "|".join(f"u{n}" for n in range(21)) + ",", [(2, "refused", "", "more than 20 ids")]),
        ("2025-01-01,given,,,u1,", [(2, "refused", "source", "no source")]),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_and_stops_no_good_one(line: str, problems: list[tuple[object, ...]]) -> None:
    batch = batch_of(f"{HEADER}{line}\n\n{GOOD}")

    assert batch.problems == [Problem(*problem) for problem in problems]
    assert batch.read == 2
    assert batch.refused == sum(status == "refused" for _, status, _, _ in problems[:1])
    assert {value for _, column, value in named(batch) if column == "unionid"} >= {"u1"}


def test_what_only_refused_rows_name_is_not_there() -> None:
    batch = batch_of(f"{HEADER}2025-01-01,,,13900000000,u9,\n{GOOD}")

    assert {value for one in batch.named for value in one.values.to_pylist()} == {"+8613800138001", "u1", "o1"}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("source,phone", "there is no column seen_at"),
        ("seen_at,phone,phone", "columns that come twice: phone"),
        ("seen_at,source", "there is no column of ids"),
        ("seen_at,openid", "column 'openid': wrong scope"),
        ("seen_at,handy", "column 'handy': wrong kind"),
    ],
)
def test_a_wrong_header_is_told(header: str, message: str) -> None:
    with pytest.raises(HeaderWrong, match=message):
        open_file(io.BytesIO(header.encode()), parquet=False)


def test_chinese_spreadsheets_are_read_and_broken_letters_told() -> None:
    text = HEADER + GOOD.replace("counter", "湖滨柜台")
    batch = batch_of(text, encoding="gb18030")
    assert batch.sources == ["湖滨柜台"]

    file = open_file(io.BytesIO(text.encode("gb18030") + GOOD.encode()), parquet=False)
    batch = read_batch(list(file.blocks(Position())), TOLD)
    assert batch.problems == [Problem(2, "refused", "", "encoding")]
    assert len(batch.seen_at) == 1


def test_reading_goes_on_where_a_block_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.people.identity.rules.observation_files.BLOCK_BYTES", 100)
    text = (HEADER + GOOD * 5 + "x,y\n" + GOOD * 5).encode()
    whole = list(open_file(io.BytesIO(text), parquet=False).blocks(Position()))
    assert len(whole) > 3

    later = list(open_file(io.BytesIO(text), parquet=False).blocks(whole[1].end))

    assert [block.lines.tolist() for block in later] == [block.lines.tolist() for block in whole[2:]]
    assert np.concatenate([block.lines for block in whole]).tolist() == [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    assert later[-1].end == whole[-1].end


def test_parquet_says_the_same_and_goes_on_in_the_middle_of_a_group() -> None:
    at = dt.datetime(2025, 1, 1, 2, tzinfo=dt.UTC)
    rows = pa.table({"seen_at": [at] * 5, "source": pa.array(["counter"] * 5).dictionary_encode(),
                     "unionid": ["u1", "u2", "", None, "u5"], "crm": [10, 21, 32, 43, 54]})  # fmt: skip
    stream = io.BytesIO()
    pyarrow.parquet.write_table(rows, stream, row_group_size=3)
    file = ParquetFile(stream)

    batch = read_batch(list(file.blocks(Position())), TOLD)
    later = list(file.blocks(Position(4, 4)))

    assert named(batch) == {
        *((row, "crm", str(10 + 11 * row)) for row in range(5)), *((row, "unionid", f"u{row + 1}") for row in (0, 1, 4)),
    }  # fmt: skip
    assert set(batch.seen_at.tolist()) == {1_735_696_800_000_000}
    assert [block.lines.tolist() for block in later] == [[5]]


VALUES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.from_regex(r"(\+86|0086|86)?1[3-9][0-9]{8,10}", fullmatch=True),
        st.from_regex(r"[!-~]{1,3}@[a-z.]{2,6}", fullmatch=True),
        st.from_regex(r"[!-~]{126,130}", fullmatch=True),
        st.sampled_from(["１３８００１３８０００", "+852 6123 4567", "ab c", "Ａb", "０", "\u00a0"]),
    ),
    unique=True,
)


def test_O01_nobodys_values_and_receivers_are_left_out_and_counted() -> None:
    text = (
        "seen_at,source,proof,phone,unionid,card\n"
        "2025-01-01,counter,proven,13800138000,u1,00000000\n"
        "2025-01-01,tmall,stated,13800138001,u2,\n"
        "2025-01-01,tmall,proven,13800138001,u3,\n"
        "2025-01-01,counter,stated,13900000001,匿名,\n"
        "2025-01-01,counter,stated,17777777777,,\n"
    )

    batch = batch_of(text, told=Told(None, "stated", TOLD.until, blocked={"phone": frozenset({"+8613900000001"})}))

    assert named(batch) == {
        (0, "unionid", "u1"),
        (1, "unionid", "u2"),
        (2, "unionid", "u3"),
        (2, "phone", "+8613800138001"),
    }
    assert (batch.problems, batch.read, batch.refused, batch.blocked) == ([], 5, 0, 6)


NOBODYS = ["test", "Null", "匿名", "00000000", "a-a-a", "12", "--", "ab", "0" * 16, "a" * 13 + "b"]
NOBODYS += ["1@example.com", "abc@b.cn", "+8613800138000", "+8613888888888", "+8613811111112", "+85261234567"]


@given(kind=st.sampled_from(["phone", "email", "card", "unionid"]), values=st.lists(
    st.one_of(st.sampled_from(NOBODYS), st.text("ab0-", min_size=1, max_size=12)), unique=True))  # fmt: skip
def test_who_is_nobody_is_found_all_at_once_as_one_by_one(kind: str, values: list[str]) -> None:
    found = columns_of_ids.is_anybody(kind, pa.array([*values, None], pa.string())).tolist()

    assert found == [*(not rules.is_blocked(kind, value) for value in values), False]


@given(kind=st.sampled_from(["phone", "email", "card", "unionid"]), values=VALUES)
def test_all_at_once_is_one_by_one(kind: str, values: list[str]) -> None:
    formed, wrong = columns_of_ids.normalise_all(kind, pa.array(values, pa.string()))

    assert [(form, wrong.get(place)) for place, form in enumerate(formed.to_pylist())] == [
        one_by_one(kind, value) for value in values
    ]


def one_by_one(kind: str, value: str) -> tuple[str | None, str | None]:
    """Its form, or why it has none."""
    try:
        return rules.normalise(kind, value), None
    except rules.NotAnIdentifier as error:
        return None, str(error)


LATE = st.datetimes(min_value=dt.datetime(1992, 1, 1))  # China moved its clocks in summer until 1991
TIMES = st.one_of(
    st.none(),
    st.text(max_size=6),
    LATE.map(str),
    LATE.map(lambda at: at.isoformat() + "Z"),
    LATE.map(lambda at: f"{at}+08:00"),
)


@given(st.lists(TIMES))
def test_times_mean_the_same_alone_and_together(texts: list[str | None]) -> None:
    together = columns_of_ids.moments(pa.array(texts, pa.string()))

    assert together.tolist() == [columns_of_ids.moments(pa.array([text, "no"]))[0] for text in texts]


def test_a_header_with_quotes_is_a_header() -> None:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([HEADER.strip().split(","), GOOD.strip().split(",")])
    assert len(batch_of("\ufeff" + stream.getvalue()).seen_at) == 1
