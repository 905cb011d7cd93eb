"""One-time codes: single use, five minutes, bound to one app, and never good for another purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

CODE_SECONDS = 300
REMEMBERED_SECONDS = 24 * 3600


class CodeKind(StrEnum):
    LOGIN = "login"
    PHONE = "phone"


class CodeState(StrEnum):
    FRESH = "fresh"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    OTHER_APP = "other_app"


@dataclass(slots=True)
class Code:
    code: str
    kind: CodeKind
    appid: str
    person_id: str
    issued_at: float
    used: bool = False


class Codes:
    """Codes that were handed to phones. Used ones are remembered for a day, to tell a replay from nonsense."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def issue(self, code: Code) -> None:
        self._forget_old(code.issued_at)
        self._codes[code.code] = code

    def look(self, code: str, *, kind: CodeKind, appid: str, now: float) -> tuple[CodeState, Code | None]:
        """What this code is worth here and now; nothing changes."""
        found = self._codes.get(code)
        if found is None or found.kind is not kind:
            return CodeState.UNKNOWN, None
        if found.appid != appid:
            return CodeState.OTHER_APP, found
        if found.used:
            return CodeState.USED, found
        if now - found.issued_at >= CODE_SECONDS or now < found.issued_at - 1:
            return CodeState.EXPIRED, found
        return CodeState.FRESH, found

    def where(self, wanted: Callable[[Code], bool]) -> list[Code]:
        return [code for code in self._codes.values() if wanted(code)]

    def _forget_old(self, now: float) -> None:
        if len(self._codes) < 1000:
            return
        self._codes = {
            text: code for text, code in self._codes.items() if abs(now - code.issued_at) < REMEMBERED_SECONDS
        }
