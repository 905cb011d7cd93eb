"""What people do with the texts they get."""

import secrets
from datetime import datetime
from typing import Any

from sandbox.world.clock import BEIJING
from sandbox.world.world import World

REFUSALS = ("R", "T", "TD", "N", "退订", "拒收")
EXTENSION = "1069"


def reply(world: World, *, phone: str, words: str) -> dict[str, Any]:
    """A text back to the last sender (SmsUp). After an R the carrier lets no promotion through to this number."""
    telecom, now = world.telecom, world.now()
    if words.upper() in REFUSALS:
        telecom.lines.change(phone, body={"refuses_promotion": True})
    last = next((text for text in reversed(telecom.texts) if text.phone == phone), None)
    row = {
        "phone_number": phone,
        "content": words,
        "send_time": datetime.fromtimestamp(now, BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        "dest_code": EXTENSION,
        "sequence_id": str(secrets.randbelow(9 * 10**9) + 10**9),
        "sign_name": last.sign if last else min(telecom.signs, default=""),
    }
    faults = world.faults.take_push("SmsUp")
    telecom.reports.add("SmsUp", url=telecom.up_url, row=row, due_at=now, faults=faults)
    telecom.reports.start(world)
    return row
