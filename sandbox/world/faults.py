"""Misbehaviour that can be ordered for the next calls of a path."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from sandbox.world.apps import BadWorldInput


class FaultKind(StrEnum):
    LATENCY = "latency"
    HTTP_ERROR = "http_error"
    BUSY = "busy"
    ERRCODE = "errcode"
    IP_REFUSED = "ip_refused"
    EXPIRE_TOKENS = "expire_tokens"
    LOST_ANSWER = "lost_answer"
    HTML = "html"
    CONTENT_TYPE = "content_type"
    CUT_SHORT = "cut_short"
    SYSTEM_FAILED = "system_failed"
    PUSH_DUPLICATE = "push_duplicate"
    PUSH_REORDER = "push_reorder"
    PUSH_DELAY = "push_delay"
    PUSH_LOST = "push_lost"


PUSH_KINDS = (FaultKind.PUSH_DUPLICATE, FaultKind.PUSH_REORDER, FaultKind.PUSH_DELAY, FaultKind.PUSH_LOST)


LABELS: dict[FaultKind, str] = {
    FaultKind.LATENCY: "变慢",
    FaultKind.HTTP_ERROR: "HTTP 5xx",
    FaultKind.BUSY: "系统繁忙 -1",
    FaultKind.ERRCODE: "指定错误码",
    FaultKind.IP_REFUSED: "IP 不在白名单 40164",
    FaultKind.EXPIRE_TOKENS: "令牌立即过期",
    FaultKind.LOST_ANSWER: "已生效但收不到回复",
    FaultKind.HTML: "返回网页而不是 JSON",
    FaultKind.CONTENT_TYPE: "Content-Type 不对",
    FaultKind.CUT_SHORT: "回复被截断",
    FaultKind.SYSTEM_FAILED: "模板消息受理后送达失败",
    FaultKind.PUSH_DUPLICATE: "推送两遍",
    FaultKind.PUSH_REORDER: "推送晚于下一条",
    FaultKind.PUSH_DELAY: "推送延迟",
    FaultKind.PUSH_LOST: "推送丢失",
}


@dataclass(slots=True)
class Fault:
    """`path` may hold `*`; that of a push is `push` or `push:<Event>`. `times` is what is left; None means until it is
    removed. `seconds` is the delay of latency and of push_delay, and how long a lost answer keeps the caller waiting
    before the connection ends."""

    fault_id: str
    path: str
    kind: FaultKind
    times: int | None = 1
    seconds: float = 0.0
    status: int = 502
    errcode: int = -1
    errmsg: str = ""
    content_type: str = "text/plain"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    """Ordered faults, oldest first. A call takes one of each kind that fits its path."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._next = 1

    def order(self, body: Mapping[str, Any]) -> Fault:
        try:
            kind = FaultKind(str(body.get("kind", "")))
        except ValueError:
            raise BadWorldInput(f"kind is one of {', '.join(FaultKind)}") from None
        path = _path_of(str(body.get("path") or "*"), kind=kind)
        times = body.get("times", 1)
        fault = Fault(
            fault_id=f"f{self._next}",
            path=path,
            kind=kind,
            times=None if times in (None, 0) else int(times),
            seconds=float(body.get("seconds", 1.0 if kind in (FaultKind.LATENCY, FaultKind.PUSH_DELAY) else 0.0)),
            status=int(body.get("status", 502)),
            errcode=int(body.get("errcode", -1)),
            errmsg=str(body.get("errmsg", "")),
            content_type=str(body.get("content_type", "text/plain")),
        )
        if (fault.times is not None and fault.times < 0) or not 0 <= fault.seconds <= 600:
            raise BadWorldInput("times is not negative; seconds is between 0 and 600")
        if not 500 <= fault.status <= 599:
            raise BadWorldInput("status is between 500 and 599")
        self._orders.append(fault)
        self._next += 1
        return fault

    def take(self, path: str) -> dict[FaultKind, Fault]:
        """The faults that hit this call; each is used up by one."""
        return self._take(path) if self._orders else {}

    def take_push(self, name: str) -> dict[FaultKind, Fault]:
        """The faults that hit this push, of an event or of `message`."""
        return self._take(f"push:{name}") if self._orders else {}

    def _take(self, path: str) -> dict[FaultKind, Fault]:
        hit: dict[FaultKind, Fault] = {}
        for fault in self._orders:
            mine = (fault.kind in PUSH_KINDS) == path.startswith("push:")
            if mine and fault.kind not in hit and fnmatchcase(path, fault.path):
                hit[fault.kind] = fault
        for fault in hit.values():
            if fault.times is not None:
                fault.times -= 1
        self._orders = [fault for fault in self._orders if fault.times is None or fault.times > 0]
        return hit

    def all(self) -> list[Fault]:
        return list(self._orders)

    def remove(self, fault_id: str) -> bool:
        before = len(self._orders)
        self._orders = [fault for fault in self._orders if fault.fault_id != fault_id]
        return len(self._orders) < before

    def clear(self) -> int:
        count = len(self._orders)
        self._orders = []
        return count


def _path_of(given: str, *, kind: FaultKind) -> str:
    """A push fault is ordered for `push` (every push) or `push:<Event>`, any other for a path of the platform."""
    if kind in PUSH_KINDS:
        if given in ("*", "push"):
            return "push:*"
        if not given.startswith("push:"):
            raise BadWorldInput("the path of a push fault is push or push:<Event>")
        return given
    return given if given == "*" or given.startswith("/") else "/" + given
