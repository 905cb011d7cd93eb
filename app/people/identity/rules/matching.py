"""How alike weak records are: a Fellegi-Sunter model, trained on the records themselves without labels, run by Splink on DuckDB.

The same records give the same pairs with the same scores. Memory is bounded: records are read once, in batches, into DuckDB,
which spills into encrypted files. Splink and DuckDB are imported on first use: a web process never needs them.
"""

# ruff: noqa: S608  (columns and tables of ours, in a database of its own; values never become text of a statement)

import contextlib
import itertools
import logging
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.people.identity.rules.likeness import (
    BLOCKS,
    COMPARISONS,
    LESSONS,
    ODDS_AT_HOME,
    OF_A_HOME,
    SURE,
    SURE_FINDS,
    TURNED,
    all_levels,
)
from app.people.identity.rules.proposing import Plain, WeakRecord, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# From here on a pair is worth a person's look; docs/decisions/0006 says how it was chosen.
THRESHOLD = 0.5
SEED = 20_260_520
A_BATCH = 50_000
# A block of more records than this says nothing of a person: its key is dropped, so that work grows with the records.
LARGEST_BLOCK = 100
A_CHUNK = 250_000
RANDOM_PAIRS = 1_000_000
TRAINING_PAIRS = 1_000_000
# What is assumed before looking weighs as much as so many matches that were seen, and so many pairs drawn at random.
ASSUMED_MATCHES = 50
ASSUMED_PAIRS = 1_000
# One person in so many is taken to be there twice where nothing in the data tells.
TWICE_ONE_IN = 1_000
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may use. Memory beyond it goes to encrypted files in a folder of its own, removed at the end."""

    memory: str = "1GB"
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers who may be one person. `low` < `high`; `score` is a probability; `levels` tell what agrees."""

    low: int
    high: int
    score: float
    levels: Mapping[str, str]


def match(records: Iterable[WeakRecord], *, bounds: Bounds | None = None, threshold: float = THRESHOLD) -> list[Pair]:
    """Every pair of different customers whose records are likely one person's, once, the likeliest first.

    Several records of one customer count by their best pair. Fewer than two records: none.
    """
    with _opened(bounds or Bounds()) as connection:
        if _take_in(connection, records) < 2:
            return []
        parts = _parts_given(connection)
        if len(parts) < 2:
            return []
        _make_blocks(connection)
        return _score(connection, parts, threshold)


@contextlib.contextmanager
def _opened(bounds: Bounds) -> Iterator["DuckDBPyConnection"]:
    import duckdb

    with tempfile.TemporaryDirectory(prefix="guiyi-matching-") as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": bounds.memory,
                "threads": bounds.threads,
                "temp_directory": folder,
                "temp_file_encryption": True,
                "preserve_insertion_order": False,
            },
        )
        try:
            yield connection
        finally:
            connection.close()


def _take_in(connection: "DuckDBPyConnection", records: Iterable[WeakRecord]) -> int:
    """All records in their one form, numbered; how many."""
    import pyarrow as pa

    texts = ", ".join(f"{name} VARCHAR" for name in Plain._fields[1:])
    connection.execute(f"CREATE TABLE record (record_id BIGINT, customer_id BIGINT, {texts})")
    schema = pa.schema([(name, pa.int64() if name == "customer_id" else pa.string()) for name in Plain._fields])
    count, source = 0, iter(records)
    while chunk := [plain(record) for record in itertools.islice(source, A_BATCH)]:
        columns = [pa.array(column, type) for column, type in zip(zip(*chunk, strict=True), schema.types, strict=True)]
        numbers = pa.array(range(count, count + len(chunk)), pa.int64())
        batch = pa.Table.from_arrays([numbers, *columns], schema=schema.insert(0, pa.field("record_id", pa.int64())))
        connection.register("batch", batch)
        connection.execute("INSERT INTO record SELECT * FROM batch")
        connection.unregister("batch")
        count += len(chunk)
    return count


def _parts_given(connection: "DuckDBPyConnection") -> list[str]:
    """The parts that at least two records have."""
    counts = ", ".join(f"count({column})" for column, _ in COMPARISONS.values())
    (row,) = connection.execute(f"SELECT {counts} FROM record").fetchall()
    return [part for part, count in zip(COMPARISONS, row, strict=True) if count >= 2]


def _make_blocks(connection: "DuckDBPyConnection") -> None:
    """The table that is matched: records with a column for each block, empty where the block is too large or single."""
    columns = []
    for number, key in enumerate(BLOCKS):
        connection.execute(
            f"CREATE TABLE block_{number} AS SELECT {key} AS value FROM record WHERE ({key}) IS NOT NULL"
            f" GROUP BY 1 HAVING count(*) BETWEEN 2 AND {LARGEST_BLOCK}"
        )
        columns.append(
            f"CASE WHEN ({key}) IN (SELECT value FROM block_{number}) THEN hash({key}) END AS block_{number}"
        )
    connection.execute(f"CREATE TABLE weak AS SELECT record.*, {', '.join(columns)} FROM record ORDER BY record_id")
    for number in range(len(BLOCKS)):
        connection.execute(f"DROP TABLE block_{number}")
    connection.execute("DROP TABLE record")


def _settings(
    parts: Sequence[str], weights: Mapping[tuple[str, str], tuple[float, float]], prior: float
) -> dict[str, Any]:
    comparisons = []
    for part in parts:
        column = COMPARISONS[part][0]
        silent = f"{column}_l IS NULL OR {column}_r IS NULL" + (f" OR ({TURNED})" if part == "given" else "")
        described: list[dict[str, Any]] = [{"sql_condition": silent, "is_null_level": True, "label_for_charts": "none"}]
        for level in all_levels(part):
            matching, chance = weights.get((part, level.name), (level.match, level.chance))
            one = {"sql_condition": level.when, "label_for_charts": level.name, "m_probability": matching,
                   "u_probability": chance}  # fmt: skip
            if level.common:
                one |= {"tf_adjustment_column": level.common, "disable_tf_exact_match_detection": True}
            described.append(one)
        comparisons.append({"output_column_name": part, "comparison_levels": described})
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [
            f"l.block_{number} = r.block_{number} AND l.customer_id <> r.customer_id" for number in range(len(BLOCKS))
        ],
        "probability_two_random_records_match": prior,
        "retain_matching_columns": True,  # and with them the levels
        "retain_intermediate_calculation_columns": True,  # the weights
        "additional_columns_to_retain": ["customer_id"],
        "em_convergence": 0.001,
    }


def _score(connection: "DuckDBPyConnection", parts: Sequence[str], threshold: float) -> list[Pair]:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    table = api.register("weak", table_name="weak_to_match")
    prior = _first_idea(connection)
    learner = Linker(table, _settings(parts, {}, prior), log_level=None, validate_settings=False)
    weights = _learn(connection, learner, parts)
    matcher = Linker(table, _settings(parts, weights, prior), log_level=None, validate_settings=False)
    chunks = math.ceil(_one(connection, "SELECT count(*) FROM weak") / A_CHUNK)
    found = matcher.inference.predict(
        threshold_match_probability=threshold, num_chunks_left=chunks, num_chunks_right=1, warning_mode="never"
    )
    return _best_of_each(connection, found.physical_name, parts, prior, threshold)


def _best_of_each(
    connection: "DuckDBPyConnection", found: str, parts: Sequence[str], prior: float, threshold: float
) -> list[Pair]:
    """Pairs of customers by their best pair of records, once what is a home's was counted as a home's at most."""
    columns = {row[0] for row in connection.execute(f"DESCRIBE {found}").fetchall()}
    weights = {
        part: " + ".join(name for name in (f"mw_{part}", f"mw_tf_adj_{part}") if name in columns) for part in parts
    }
    of_home = " + ".join([str(math.log2(prior / (1 - prior))), *(weights[part] for part in parts if part in OF_A_HOME)])
    own = " + ".join(["0", *(weights[part] for part in parts if part not in OF_A_HOME)])
    levels = ", ".join(f"arg_max(gamma_{part}, (weight, -record_id_l, -record_id_r))" for part in parts)
    rows = connection.execute(
        f"WITH weighed AS (SELECT *, least({of_home}, {math.log2(ODDS_AT_HOME)}) + {own} AS weight FROM {found})"
        " SELECT least(customer_id_l, customer_id_r) AS low, greatest(customer_id_l, customer_id_r) AS high,"
        f" round(1 / (1 + pow(2, -max(weight))), {DIGITS}) AS score, {levels}"
        f" FROM weighed GROUP BY low, high HAVING score >= {threshold} ORDER BY score DESC, low, high"
    ).fetchall()
    # Splink counts levels from the last up; -1 is "not given".
    names = {part: ["other", *(level.name for level in reversed(COMPARISONS[part][1]))] for part in parts}
    return [
        Pair(
            low,
            high,
            score,
            {part: names[part][level] for part, level in zip(parts, levels, strict=True) if level >= 0},
        )
        for low, high, score, *levels in rows
    ]


def _first_idea(connection: "DuckDBPyConnection") -> float:
    """How likely two records drawn at random are one person's, by what hardly two people share."""
    records = _one(connection, "SELECT count(*) FROM weak")
    counts = [
        _one(
            connection,
            "SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(DISTINCT customer_id) AS n FROM weak"
            f" WHERE ({key}) IS NOT NULL GROUP BY {key}) WHERE n < {LARGEST_BLOCK}",
        )
        for key in SURE
    ]
    expected = max(max(counts) / SURE_FINDS, records / TWICE_ONE_IN)
    return float(min(expected / (records * (records - 1) / 2), 0.5))


def _learn(
    connection: "DuckDBPyConnection", learner: Any, parts: Sequence[str]
) -> dict[tuple[str, str], tuple[float, float]]:
    """How often each level is seen: for two people by pairs drawn at random, for one person by expectation maximisation."""
    learner.training.estimate_u_using_random_sampling(
        max_pairs=RANDOM_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
    )
    seen: dict[tuple[str, str], float] = {}
    total: dict[str, float] = {}
    for columns in LESSONS:
        teaches = set(columns) < set(parts)  # all of it is given, and something else to learn about
        pairs = _pairs_sharing(connection, columns) if teaches else 0
        if not pairs:
            continue
        rule = " AND ".join(f"l.{column} = r.{column}" for column in columns) + " AND l.customer_id <> r.customer_id"
        session = learner.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=TRAINING_PAIRS
        )
        learnt = session.core_model_settings
        matches = learnt.probability_two_random_records_match * min(pairs, TRAINING_PAIRS)
        for comparison in learnt.comparisons:
            part = comparison.output_column_name
            total[part] = total.get(part, 0) + matches
            for level in comparison.comparison_levels:
                if not level.is_null_level and isinstance(level.m_probability, float):
                    key = (part, level.label_for_charts)
                    seen[key] = seen.get(key, 0) + matches * level.m_probability
    records = _one(connection, "SELECT count(*) FROM weak")
    return _weighed(learner, min(records * (records - 1) // 2, RANDOM_PAIRS), seen, total)


def _weighed(
    learner: Any, pairs: int, seen: Mapping[tuple[str, str], float], total: Mapping[str, float]
) -> dict[tuple[str, str], tuple[float, float]]:
    """What was learnt, together with what was assumed: a level that was never drawn keeps its assumption."""
    weights = {}
    for comparison in learner.misc.save_model_to_json()["comparisons"]:
        part = comparison["output_column_name"]
        drawn = {one["label_for_charts"]: one.get("u_probability") for one in comparison["comparison_levels"]}
        for level in all_levels(part):
            key = (part, level.name)
            matching = (seen.get(key, 0) + ASSUMED_MATCHES * level.match) / (total.get(part, 0) + ASSUMED_MATCHES)
            chance = drawn.get(level.name)
            if isinstance(chance, float) and chance > 0:
                chance = (chance * pairs + level.chance * ASSUMED_PAIRS) / (pairs + ASSUMED_PAIRS)
            else:
                chance = level.chance
            weights[key] = (matching, chance)
    return weights


def _pairs_sharing(connection: "DuckDBPyConnection", columns: Sequence[str]) -> int:
    given = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return _one(
        connection,
        "SELECT coalesce(sum(n * (n - 1) // 2), 0)"
        f" FROM (SELECT count(*) AS n FROM weak WHERE {given} GROUP BY {', '.join(columns)})",
    )


def _one(connection: "DuckDBPyConnection", question: str) -> int:
    ((answer,),) = connection.execute(question).fetchall()
    return int(answer)
