"""Rows to and from the server in its binary format are the rows that were meant."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel import copying, crypto
from app.kernel.database import db

pytestmark = pytest.mark.usefixtures("database")
MOMENT = 1_770_000_000_123_456
ROWS = st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=5), st.integers(0, 2)), max_size=20)
WORDS = ["柜台", "", "tmall"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(ROWS)
def test_rows_of_all_lengths_arrive(rows: list[tuple[int, bytes, int]]) -> None:
    db.session.execute(text("CREATE TEMP TABLE IF NOT EXISTS made (number bigint, blob bytea, word text, at timestamptz,"
                            " token uuid, untold text) ON COMMIT DROP; TRUNCATE made"))  # fmt: skip
    tokens = np.arange(16 * len(rows), dtype=np.uint8).reshape(-1, 16)
    columns = {
        "number": copying.bigints([number for number, _, _ in rows]),
        "blob": copying.blobs([blob for _, blob, _ in rows]),
        "word": copying.words(np.array([word for _, _, word in rows], dtype=np.int64), WORDS),
        "at": copying.moments(np.full(len(rows), MOMENT)),
        "token": copying.fixed(tokens),
    }

    with db.session.begin_nested():
        copying.copy_in(db.session(), "made", columns, len(rows))

    found = db.session.execute(text("SELECT number, blob, word, extract(epoch FROM at), token, untold FROM made")).all()
    meant = [
        (number, blob, WORDS[word], MOMENT, token.tobytes(), None)
        for (number, blob, word), token in zip(rows, tokens, strict=True)
    ]
    assert sorted((n, bytes(b), w, int(at * 1_000_000), t.bytes, u) for n, b, w, at, t, u in found) == sorted(meant)


def test_rows_come_out_as_records() -> None:
    query = "SELECT n, n > 1, md5(n::text)::uuid FROM generate_series(1, 2) AS n"

    found = copying.copy_out(db.session(), query, [("n", ">i4"), ("more", "?"), ("token", np.uint8, (16,))])

    assert found["n"].tolist() == [1, 2]
    assert found["more"].tolist() == [False, True]
    assert bytes(found["token"][0]).hex() == "c4ca4238a0b923820dcc509a6f75849b"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_many_are_hashed_and_encrypted_as_one_is(values: list[str]) -> None:
    assert crypto.blind_indexes("phone", values) == [crypto.blind_index("phone", value) for value in values]
    assert [crypto.decrypt(stored) for stored in crypto.encrypt_many(values)] == values
