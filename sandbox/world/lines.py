"""Telephone lines: which numbers can be reached, and what happens when they ring."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sandbox.world.apps import BadWorldInput

_MAINLAND = re.compile(r"(?:\+?86|0086|\+)?(1[3-9]\d{9})", re.ASCII)
_LANDLINE = re.compile(r"0\d{9,11}", re.ASCII)
Kind = TypeVar("Kind", bound=StrEnum)
VIRTUAL_OPERATORS = ("162", "165", "167", "170", "171")


class LineKind(StrEnum):
    NORMAL = "normal"
    EMPTY = "empty"
    OFF = "off"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"
    VIRTUAL = "virtual"


class Answer(StrEnum):
    """What the person does when the telephone rings."""

    ANSWERED = "answered"
    HUNG_UP = "hung_up"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


# kind -> (receipt code of a text, its words); (status code of a call, smart status code, words)
TEXT_FAILURES: dict[LineKind, tuple[str, str]] = {
    LineKind.EMPTY: ("MOBILE_NOT_ON_SERVICE", "停机、空号、暂停服务、关机、不在服务区"),
    LineKind.OFF: ("MOBILE_TERMINAL_ERROR", "手机终端问题，如手机关机、不在服务区等"),
    LineKind.SUSPENDED: ("MOBILE_NOT_ON_SERVICE", "停机、空号、暂停服务、关机、不在服务区"),
    LineKind.BLOCKED: ("MOBILE_IN_BLACK", "手机号在黑名单"),
    LineKind.VIRTUAL: ("INVALID_NUMBER", "号码状态异常"),
}
CALL_FAILURES: dict[LineKind, tuple[str, str, str]] = {
    LineKind.EMPTY: ("200004", "INVALID_NUMBER", "用户号码不合法"),
    LineKind.OFF: ("200010", "POWERED_OFF", "关机"),
    LineKind.SUSPENDED: ("200011", "SUSPEND", "停机"),
    LineKind.BLOCKED: ("200005", "INCOMING_CALL_BARRED", "被叫用户无法接通"),
    LineKind.VIRTUAL: ("200004", "INVALID_NUMBER", "用户号码不合法"),
}
CALL_OUTCOMES: dict[Answer, tuple[str, str, str]] = {
    Answer.ANSWERED: ("200000", "ANSWERED", "用户听完语音"),
    Answer.HUNG_UP: ("200001", "ANSWERED", "用户提前挂机未完整收听"),
    Answer.BUSY: ("200002", "USER_BUSY", "用户占线"),
    Answer.NO_ANSWER: ("200003", "NO_ANSWER", "用户收到呼叫但未接听"),
    Answer.REFUSED: ("200005", "CALL_REJECTED", "被叫用户无法接通"),
}


@dataclass(slots=True)
class Line:
    """One number. `refuses_promotion` is set once its owner replied R."""

    phone: str
    kind: LineKind = LineKind.NORMAL
    answers: Answer = Answer.ANSWERED
    refuses_promotion: bool = False

    @property
    def virtual(self) -> bool:
        """A number of one order that stops working later, or of an operator without a network."""
        return self.kind is LineKind.VIRTUAL or self.phone.startswith(VIRTUAL_OPERATORS)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "virtual": self.virtual}


def mobile(number: str) -> str | None:
    """The eleven digits of a mainland mobile number, whatever prefix it came with; None when it is none. A number
    with an extension, as marketplaces hand them out for one order, is none."""
    match = _MAINLAND.fullmatch(number.strip())
    return match.group(1) if match else None


def callable_number(number: str) -> str | None:
    """A mobile number or a landline with its area code."""
    found = mobile(number)
    if found is None and _LANDLINE.fullmatch(number.strip()):
        return number.strip()
    return found


class Lines:
    """Numbers whose state somebody set; every other number is in order."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    def get(self, phone: str) -> Line:
        return self._lines.get(phone) or Line(phone=phone)

    def change(self, phone: str, *, body: Mapping[str, Any]) -> Line:
        """Sets kind, answers or refuses_promotion."""
        unknown = set(body) - {"kind", "answers", "refuses_promotion"}
        if unknown:
            raise BadWorldInput(f"unknown fields: {', '.join(sorted(unknown))}")
        line = self.get(phone)
        if "kind" in body:
            line.kind = _one_of(LineKind, given=body["kind"], name="kind")
        if "answers" in body:
            line.answers = _one_of(Answer, given=body["answers"], name="answers")
        if "refuses_promotion" in body:
            line.refuses_promotion = bool(body["refuses_promotion"])
        self._lines[phone] = line
        return line


def _one_of(kinds: type[Kind], *, given: object, name: str) -> Kind:
    try:
        return kinds(str(given))
    except ValueError:
        raise BadWorldInput(f"{name} is one of {', '.join(kinds)}") from None
