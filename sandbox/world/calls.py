"""What was asked of the platform lately, and by which rid it can be found again."""

from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Any

CALLS_KEPT = 5000
TEXT_KEPT = 4000
RID_SECONDS = 7 * 24 * 3600


@dataclass(slots=True)
class CallRecord:
    """One call of a platform path; times in unix seconds of the sandbox clock, cost in milliseconds."""

    rid: str
    at: float
    method: str
    path: str
    query: str
    request_body: str
    response_body: str
    status: int
    errcode: int | None
    cost_ms: int
    client_ip: str
    appid: str | None
    faults: list[str]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Calls:
    """The last calls, newest last."""

    def __init__(self) -> None:
        self._by_rid: OrderedDict[str, CallRecord] = OrderedDict()

    def add(self, record: CallRecord) -> None:
        record.request_body = record.request_body[:TEXT_KEPT]
        record.response_body = record.response_body[:TEXT_KEPT]
        self._by_rid[record.rid] = record
        while len(self._by_rid) > CALLS_KEPT:
            self._by_rid.popitem(last=False)

    def find(self, rid: str) -> CallRecord | None:
        return self._by_rid.get(rid)

    def last(self, count: int) -> list[CallRecord]:
        return list(self._by_rid.values())[-count:] if count > 0 else []
