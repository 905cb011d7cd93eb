"""The texting and calling account at Alibaba Cloud: keys, signatures, templates, and everything that was sent."""

import math
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox import demo_telecom
from sandbox.telecom_settings import TelecomSettings
from sandbox.world.apps import BadWorldInput
from sandbox.world.lines import Lines
from sandbox.world.reports import Reports

ONE_PIECE, LONG_PIECE = 70, 67
RECORDS_KEPT = 200_000
NONCES_KEPT = 20_000
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


_SETTERS: dict[str, Callable[[Any], Any]] = {
    "report_url": str,
    "up_url": str,
    "voice_report_url": str,
    "in_service": bool,
    "receipt_seconds": float,
    "balance": lambda given: None if given is None else int(given),
    "signs": lambda given: {str(item) for item in given},
    "show_numbers": lambda given: {str(item) for item in given},
    "templates": list,
    "voice_templates": list,
}


@dataclass(slots=True)
class TextTemplate:
    """`kind` 0 is a code, 1 a notice, 2 a promotion; `links` names the variables that may hold an address."""

    code: str
    content: str
    kind: int = demo_telecom.NOTICE
    links: list[str] = field(default_factory=list)

    @property
    def variables(self) -> list[str]:
        return _VARIABLE.findall(self.content)

    def filled(self, values: Mapping[str, str]) -> str:
        return _VARIABLE.sub(lambda match: values[match.group(1)], self.content)


@dataclass(slots=True)
class Text:
    """One message to one number. `state` 1 is on its way, 2 failed, 3 arrived; times in unix seconds."""

    biz_id: str
    phone: str
    sign: str
    template_code: str
    promotion: bool
    content: str
    pieces: int
    out_id: str
    virtual: bool
    sent_at: float
    state: int = 1
    err_code: str = ""
    received_at: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class VoiceCall:
    """One call; `spoken` is what was said once it was answered."""

    call_id: str
    phone: str
    template_code: str
    spoken: str
    out_id: str
    virtual: bool
    status_code: str
    smart_status: str
    words: str
    called_at: float
    seconds: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Telecom:
    """The account and its records. The newest 200,000 texts and calls are kept, the counts for ever."""

    def __init__(self, settings: TelecomSettings) -> None:
        self.keys = {settings.key_id: settings.key_secret}
        self.report_url, self.up_url = settings.report_url, settings.up_url
        self.voice_report_url = settings.voice_report_url
        self.in_service = True
        self.balance: int | None = None
        self.receipt_seconds = 0.0
        self.signs = {demo_telecom.SIGN}
        self.show_numbers = {demo_telecom.SHOW_NUMBER}
        self.templates = {row["code"]: TextTemplate(**row) for row in demo_telecom.SMS_TEMPLATES}
        self.voice_templates = {row["code"]: TextTemplate(**row) for row in demo_telecom.VOICE_TEMPLATES}
        self.lines = Lines()
        self.reports = Reports()
        self.texts: deque[Text] = deque(maxlen=RECORDS_KEPT)
        self.calls: deque[VoiceCall] = deque(maxlen=RECORDS_KEPT)
        self.received: Counter[tuple[str, str, str]] = Counter()
        self.nonces: OrderedDict[str, None] = OrderedDict()

    def change(self, body: Mapping[str, Any]) -> None:
        """Sets what the body names; unknown names are refused."""
        unknown = set(body) - set(_SETTERS)
        if unknown:
            raise BadWorldInput(f"unknown fields: {', '.join(sorted(unknown))}")
        for name, value in body.items():
            if name in ("templates", "voice_templates"):
                for row in value:
                    template = TextTemplate(**row)
                    getattr(self, name)[template.code] = template
            else:
                setattr(self, name, _SETTERS[name](value))

    def first_time(self, nonce: str) -> bool:
        """False for a nonce that was seen among the last twenty thousand."""
        if nonce in self.nonces:
            return False
        self.nonces[nonce] = None
        if len(self.nonces) > NONCES_KEPT:
            self.nonces.popitem(last=False)
        return True

    def to_json(self) -> dict[str, Any]:
        return {
            "key_id": next(iter(self.keys)),
            "report_url": self.report_url,
            "up_url": self.up_url,
            "voice_report_url": self.voice_report_url,
            "in_service": self.in_service,
            "balance": self.balance,
            "receipt_seconds": self.receipt_seconds,
            "signs": sorted(self.signs),
            "show_numbers": sorted(self.show_numbers),
            "templates": [asdict(template) for template in self.templates.values()],
            "voice_templates": [asdict(template) for template in self.voice_templates.values()],
        }


def pieces_of(content: str) -> int:
    """How many texts a content costs, its signature included: one up to 70 characters, else one per 67."""
    return 1 if len(content) <= ONE_PIECE else math.ceil(len(content) / LONG_PIECE)
