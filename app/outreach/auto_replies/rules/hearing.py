"""What somebody said or did, out of the platform's fields."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A text message has 2,048 bytes at most; nobody asks a bot in more words than this.
LONGEST = 600
_EDGES = re.compile(r"^[\s\W_]+|[\s\W_]+$")
_BLANKS = re.compile(r"\s+")
_SCENE = "qrscene_"
# After a payment the platform names the payment where it otherwise names a scene.
_PAID = "last_trade_no_"


@dataclass(frozen=True)
class Heard:
    """`occasion`: welcome, scan, keyword, menu, location. `words`: as they are compared; `raw`: as they were said.

    `is_message`: somebody wrote, so that a person may be answering them. `place`: latitude and longitude that they sent.
    """

    openid: str
    occasion: str
    words: str = ""
    raw: str = ""
    is_message: bool = False
    place: tuple[float, float] | None = None


def normalise(text: str) -> str:
    """The form in which words are compared: width, case, blanks and what stands around them do not matter."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    return _EDGES.sub("", _BLANKS.sub(" ", plain))


def listen(fields: Mapping[str, Any]) -> Heard | None:
    """What is to be answered, None where nothing can or need be: somebody left, a receipt, a page that was opened."""
    openid, kind = _text(fields, "FromUserName"), _text(fields, "MsgType").lower()
    if not openid:
        return None
    if kind == "event":
        return _of_event(openid, _text(fields, "Event").lower(), _text(fields, "EventKey"))
    if kind == "location":
        return _of_place(openid, fields)
    raw = _text(fields, "Content") or _text(fields, "Recognition")
    if kind == "text" or (kind == "voice" and raw):
        return Heard(openid, "keyword", normalise(raw), raw, is_message=True)
    return Heard(openid, "keyword", "", _SHOWN.get(kind, "［消息］"), is_message=True) if kind in _SHOWN else None


_SHOWN = {
    "image": "［图片］", "voice": "［语音］", "video": "［视频］", "shortvideo": "［小视频］", "link": "［链接］",
    "miniprogrampage": "［小程序］", "file": "［文件］",
}  # fmt: skip


def _of_event(openid: str, event: str, key: str) -> Heard | None:
    if event == "subscribe":
        scene = "paid" if key.startswith(_PAID) else key.removeprefix(_SCENE)
        return Heard(openid, "welcome", scene, scene)
    if event == "scan":
        return Heard(openid, "scan", key, key)
    return Heard(openid, "menu", key, key) if event == "click" and key else None


def _of_place(openid: str, fields: Mapping[str, Any]) -> Heard:
    shown = f"［位置］{_text(fields, 'Label')}".strip()
    try:
        place = float(fields["Location_X"]), float(fields["Location_Y"])
    except (KeyError, TypeError, ValueError):
        return Heard(openid, "keyword", "", shown, is_message=True)
    if not (-90 <= place[0] <= 90 and -180 <= place[1] <= 180):  # also what is no number
        return Heard(openid, "keyword", "", shown, is_message=True)
    return Heard(openid, "location", "", shown, is_message=True, place=place)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value).replace("\0", "").strip() if isinstance(value, str | int) else ""
