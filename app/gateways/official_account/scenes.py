"""Codes that make somebody follow, or say that a follower came by: the scene comes back in the event."""

from dataclasses import dataclass
from urllib.parse import quote

import requests

from app.gateways.wechat.client import ask, fields
from app.gateways.wechat.refusals import PlatformAway
from app.gateways.wechat.transport import ANSWER_SECONDS, CONNECT_SECONDS, http
from app.kernel.settings import settings

LONGEST_SECONDS = 2_592_000


@dataclass(frozen=True)
class SceneCode:
    """`image_url` shows the code; `url` is what it says, to draw it oneself. Without `seconds` it is permanent."""

    ticket: str
    url: str
    image_url: str
    seconds: int | None


def create_qrcode(appid: str, *, scene: str, seconds: int | None = None) -> SceneCode:
    """A code for a scene of 1 to 64 letters: for up to 30 days, or for ever with None (100,000 an account)."""
    name = "QR_LIMIT_STR_SCENE" if seconds is None else "QR_STR_SCENE"
    body: dict[str, object] = {"action_name": name, "action_info": {"scene": {"scene_str": scene}}}
    if seconds is not None:
        body["expire_seconds"] = min(seconds, LONGEST_SECONDS)
    answer = fields(ask(appid, "post", "/cgi-bin/qrcode/create", data=body), "ticket", "url")
    ticket = str(answer["ticket"])
    image = f"{settings().wechat_mp_base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"
    return SceneCode(ticket, str(answer["url"]), image, answer.get("expire_seconds"))


def qrcode_image(code: SceneCode) -> bytes:
    """The picture of a code. Raises PlatformAway."""
    try:
        answer = http().get(code.image_url, timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
    except requests.RequestException as error:
        raise PlatformAway from error
    if not answer.ok or not answer.content.startswith((b"\xff\xd8", b"\x89PNG")):
        raise PlatformAway
    return answer.content
