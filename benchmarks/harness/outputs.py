"""Reads what wrk, autocannon and pgbench print. Each refuses what it does not understand rather than guess."""

import json
import re
from dataclasses import dataclass, field


class Unreadable(ValueError):
    """A load program printed something else than a finished measurement."""


@dataclass(frozen=True)
class HttpLoad:
    """Answers to a load: `rate` per second over `seconds`; latencies in milliseconds; counts by status where known.

    `refused` counts answers that are neither 2xx nor 3xx, `broken` those that never came.
    """

    rate: float
    seconds: float
    answers: int
    refused: int
    broken: int
    p50: float
    p99: float
    statuses: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SqlLoad:
    """Transactions of a load: `rate` per second without the time to connect; mean latency in milliseconds."""

    rate: float
    transactions: int
    failed: int
    latency: float


_TIMES = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}


def _milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m|h)", text)
    if not found:
        raise Unreadable(f"no time: {text}")
    return float(found[1]) * _TIMES[found[2]]


def _found(pattern: str, text: str, what: str) -> re.Match[str]:
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise Unreadable(f"no {what} in:\n{text[-2000:]}")
    return found


def wrk(text: str) -> HttpLoad:
    """wrk's report with `--latency`."""
    total = _found(r"^\s*(\d+) requests in ([\d.]+\w+),", text, "total")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return HttpLoad(
        rate=float(_found(r"^Requests/sec:\s+([\d.]+)", text, "rate")[1]),
        seconds=_milliseconds(total[2]) / 1000,
        answers=int(total[1]),
        refused=int(refused[1]) if refused else 0,
        broken=sum(map(int, errors.groups())) if errors else 0,
        p50=_milliseconds(_found(r"^\s+50%\s+(\S+)", text, "median")[1]),
        p99=_milliseconds(_found(r"^\s+99%\s+(\S+)", text, "99th")[1]),
    )


def shots(text: str) -> HttpLoad:
    """The line of JSON that our own script for wrk (shots.lua) or autocannon (load.cjs) prints at the end."""
    told = json.loads(_found(r"^guiyi (\{.*\})$", text, "line of our script")[1])
    statuses = {int(status): int(count) for status, count in told["statuses"].items()}
    answers, seconds = sum(statuses.values()), told["seconds"]
    if not answers or seconds <= 0:
        raise Unreadable(f"nothing was answered:\n{text[-2000:]}")
    refused = sum(count for status, count in statuses.items() if not 200 <= status < 400)
    return HttpLoad(answers / seconds, seconds, answers, refused, told["broken"], told["p50"], told["p99"], statuses)


def pgbench(text: str) -> SqlLoad:
    """pgbench's report."""
    return SqlLoad(
        rate=float(_found(r"^tps = ([\d.]+) \(without initial connection time\)", text, "rate")[1]),
        transactions=int(_found(r"^number of transactions actually processed: (\d+)", text, "count")[1]),
        failed=int(_found(r"^number of failed transactions: (\d+)", text, "failures")[1]),
        latency=float(_found(r"^latency average = ([\d.]+) ms", text, "latency")[1]),
    )
