"""push_rate: deliveries a second from resuming a dispatch until the last answer is written, through clock, workers and
sandbox, which answers each after 30 ms. The limit is wrk with as many connections posting the same bytes to the same path.

`push_rate_cpu` comes with it: processor microseconds of the workers per message, against wrk's.
"""

from benchmarks._push import CONNECTIONS, LATENCY, Rig, Spent, many, rig
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result, interleaved

# The figure is the same with 100,000, which GUIYI_BENCH_PUSHES asks for.
MESSAGES = 10_000


def measure(stand: Rig, messages: int) -> dict[str, Result]:
    """Both in turn."""
    ours: list[Spent] = []
    bare: list[Spent] = []

    def sent() -> float:
        ours.append(stand.send(messages))
        return messages / ours[-1].seconds

    def posted() -> float:
        bare.append(stand.post(messages))
        return messages / bare[-1].seconds

    pairs = interleaved(sent, posted)
    conditions = {"messages": messages, "connections": CONNECTIONS, "latency_ms": round(LATENCY * 1000)}
    of_ours, of_bare = (_median([one.processor for one in spent[1:]]) / messages * 1e6 for spent in (ours, bare))
    return {
        "push_rate": pairs.result("messages/s", **conditions),
        "push_rate_cpu": Result(of_ours, "µs/message", of_bare, of_bare / of_ours, conditions),
    }


def _median(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]


def run(ground: Ground) -> dict[str, Result]:
    """A rig of its own."""
    messages = many("GUIYI_BENCH_PUSHES", MESSAGES)
    with rig(ground, followers=messages) as stand:
        return measure(stand, messages)
