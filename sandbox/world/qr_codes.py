"""Scene codes of official accounts, found by their ticket when somebody scans one."""

from dataclasses import dataclass


@dataclass(slots=True)
class QrCode:
    """`scene` is the number as text, or the text; `is_text` tells which. `expires_at` is None for permanent codes."""

    ticket: str
    appid: str
    scene: str
    is_text: bool
    expires_at: float | None = None

    def lives(self, now: float) -> bool:
        return self.expires_at is None or now < self.expires_at
