"""Pictures, voices and films for messages: kept by the platform for three days."""

from typing import Literal

from app.gateways.wechat.client import ask, fields

Kind = Literal["image", "voice", "video", "thumb"]


def upload(appid: str, kind: Kind, *, name: str, content: bytes) -> str:
    """Upload for three days; gives the media id."""
    member = "thumb_media_id" if kind == "thumb" else "media_id"
    files = {"media": (name, content)}
    answer = ask(appid, "post", "/cgi-bin/media/upload", params={"type": kind}, files=files)
    return str(fields(answer, member)[member])
