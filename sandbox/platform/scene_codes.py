"""Scene codes of an account (fact sheet C12). Their pictures are in `sandbox.platform.web`."""

import base64
import hashlib
import secrets
from typing import Any

from sandbox.platform.calls import Call, endpoint
from sandbox.platform.errors import PlatformError
from sandbox.world.apps import OFFICIAL_ACCOUNT
from sandbox.world.qr_codes import QrCode

LONGEST_SECONDS, USUAL_SECONDS = 2_592_000, 60
LONGEST_SCENE, BIGGEST_SCENE, BIGGEST_PERMANENT = 64, 2**32 - 1, 100_000
MOST_PERMANENT = 100_000
TEMPORARY, PERMANENT = ("QR_SCENE", "QR_STR_SCENE"), ("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")


@endpoint("/cgi-bin/qrcode/create", method="POST", kind=OFFICIAL_ACCOUNT)
def create(call: Call) -> dict[str, Any]:
    """A temporary code ends after `expire_seconds`; asking for a permanent scene again gives its old ticket."""
    action = call.body.get("action_name")
    if action not in TEMPORARY + PERMANENT:
        raise PlatformError(40053)
    permanent, is_text = action in PERMANENT, action.endswith("STR_SCENE")
    scene = _scene(call, is_text=is_text, permanent=permanent)
    if permanent:
        ticket = _permanent_ticket(call, name=f"{'text' if is_text else 'number'} {scene}")
        _remember(call, ticket=ticket, scene=scene, is_text=is_text, expires_at=None)
        return {"ticket": ticket, "url": address_of(ticket)}
    seconds = call.body.get("expire_seconds", USUAL_SECONDS)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= LONGEST_SECONDS:
        raise PlatformError(40053)
    ticket = _new_ticket()
    _remember(call, ticket=ticket, scene=scene, is_text=is_text, expires_at=call.now + seconds)
    return {"ticket": ticket, "expire_seconds": seconds, "url": address_of(ticket)}


def _scene(call: Call, *, is_text: bool, permanent: bool) -> str:
    info = call.body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    value = scene.get("scene_str" if is_text else "scene_id") if isinstance(scene, dict) else None
    if is_text:
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_SCENE:
            raise PlatformError(40053)
        return value
    biggest = BIGGEST_PERMANENT if permanent else BIGGEST_SCENE
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= biggest:
        raise PlatformError(40053)
    return str(value)


def _permanent_ticket(call: Call, *, name: str) -> str:
    known = call.book.permanent_tickets
    if name not in known:
        if len(known) >= MOST_PERMANENT:
            raise PlatformError(45029)
        known[name] = _new_ticket()
        call.world.touch(call.book)
    return known[name]


def _remember(call: Call, *, ticket: str, scene: str, is_text: bool, expires_at: float | None) -> None:
    call.world.qr_codes[ticket] = QrCode(
        ticket=ticket, appid=call.app.appid, scene=scene, is_text=is_text, expires_at=expires_at
    )


def _new_ticket() -> str:
    """As long and as awkward as the real ones: base64 with signs that must be escaped in an address."""
    return "gQ" + base64.b64encode(secrets.token_bytes(68)).decode()[2:]


def address_of(ticket: str) -> str:
    """What the picture of a code holds."""
    return f"http://weixin.qq.com/q/{hashlib.sha256(ticket.encode()).hexdigest()[:22]}"
