"""What can be set of the texting and calling account before the sandbox starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import demo_telecom


@dataclass(frozen=True, slots=True)
class TelecomSettings:
    """What can be set before the start; the addresses of the product's callbacks are empty unless it has some."""

    key_id: str = demo_telecom.ACCESS_KEY_ID
    key_secret: str = demo_telecom.ACCESS_KEY_SECRET
    report_url: str = ""
    up_url: str = ""
    voice_report_url: str = ""

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "TelecomSettings":
        return cls(
            key_id=env.get("SANDBOX_SMS_KEY_ID", demo_telecom.ACCESS_KEY_ID),
            key_secret=env.get("SANDBOX_SMS_KEY_SECRET", demo_telecom.ACCESS_KEY_SECRET),
            report_url=env.get("SANDBOX_SMS_REPORT_URL", ""),
            up_url=env.get("SANDBOX_SMS_UP_URL", ""),
            voice_report_url=env.get("SANDBOX_VOICE_REPORT_URL", ""),
        )
