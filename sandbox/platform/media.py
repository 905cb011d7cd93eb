"""Pictures, sound and films: temporary ones for three days, permanent ones, and drafts of articles (fact sheet C17)."""

import json
import secrets
from typing import Any

from flask import request

from sandbox.platform.calls import Answer, Call, Picture, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import ids
from sandbox.world.apps import OFFICIAL_ACCOUNT
from sandbox.world.books import Media

TEMPORARY_SECONDS = 3 * 86400
MOST_PICTURES, MOST_OTHERS = 100_000, 1_000
MEGABYTE = 1024 * 1024
PICTURES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "bmp": "image/bmp"}
# kind -> (suffixes with their content types, bytes, refusal of a bigger one)
KINDS: dict[str, tuple[dict[str, str], int, int]] = {
    "image": (PICTURES, 10 * MEGABYTE, 40009),
    "voice": ({"amr": "audio/amr", "mp3": "audio/mp3"}, 2 * MEGABYTE, 40010),
    "video": ({"mp4": "video/mp4"}, 10 * MEGABYTE, 40011),
    "thumb": ({"jpg": "image/jpeg", "jpeg": "image/jpeg"}, 64 * 1024, 40012),
}


def _take(call: Call, *, kind: str, permanent: bool) -> Media:
    """The file of the form, checked and kept."""
    if kind not in KINDS:
        raise PlatformError(40004)
    given = request.files.get("media")
    if given is None:
        raise PlatformError(41005)
    suffixes, most, too_big = KINDS[kind]
    name = given.filename or ""
    content_type = suffixes.get(name.rpartition(".")[2].lower())
    if content_type is None:
        raise PlatformError(40005)
    content = given.read()
    if not content:
        raise PlatformError(44001)
    if len(content) > most:
        raise PlatformError(too_big)
    media = Media(
        media_id=secrets.token_urlsafe(48), kind=kind, name=name, content_type=content_type, size=len(content),
        created_at=call.now, permanent=permanent, content=content,
    )  # fmt: skip
    call.book.media[media.media_id] = media
    return media


def find(call: Call, *, media_id: object, permanent: bool) -> Media:
    """Temporary media end after three days; 40007 for what is not there."""
    media = call.book.media.get(media_id) if isinstance(media_id, str) else None
    if media is None or media.permanent is not permanent:
        raise PlatformError(40007)
    if not permanent and call.now - media.created_at >= TEMPORARY_SECONDS:
        raise PlatformError(40007)
    return media


def _picture_url() -> str:
    return f"http://mmbiz.qpic.cn/mmbiz_jpg/{ids.ticket()}{ids.ticket()}/0"


@endpoint("/cgi-bin/media/upload", method="POST", form=True)
def upload(call: Call) -> dict[str, Any]:
    """Either kind of app may; a thumb has its own name for the id."""
    media = _take(call, kind=call.query.get("type", ""), permanent=False)
    name = "thumb_media_id" if media.kind == "thumb" else "media_id"
    return {"type": media.kind, name: media.media_id, "created_at": int(call.now)}


@endpoint("/cgi-bin/media/get", method="GET")
def get(call: Call) -> Answer:
    media = find(call, media_id=call.query.get("media_id"), permanent=False)
    if media.kind == "video":
        return {"video_url": f"http://mp.weixin.qq.com/mp/mp/video?id={media.media_id[:16]}"}
    return Picture.of(media.content, content_type=media.content_type)


@endpoint("/cgi-bin/media/uploadimg", method="POST", form=True, kind=OFFICIAL_ACCOUNT)
def uploadimg(call: Call) -> dict[str, Any]:
    """A picture for articles: an address, and no place in the list of media."""
    given = request.files.get("media")
    if given is None:
        raise PlatformError(41005)
    if (given.filename or "").rpartition(".")[2].lower() not in ("jpg", "jpeg", "png"):
        raise PlatformError(40005)
    if len(given.read()) > MEGABYTE:
        raise PlatformError(40009)
    return {"url": _picture_url()}


@endpoint("/cgi-bin/material/add_material", method="POST", form=True, kind=OFFICIAL_ACCOUNT)
def add_material(call: Call) -> dict[str, Any]:
    """For ever. A film comes with its description."""
    kind = call.query.get("type") or request.form.get("type", "")
    _check_room(call, kind=kind)
    described = _description() if kind == "video" else {}
    media = _take(call, kind=kind, permanent=True)
    media.title, media.words = described.get("title", ""), described.get("introduction", "")
    if kind in ("image", "thumb"):
        media.url = _picture_url()
        return {"media_id": media.media_id, "url": media.url}
    return {"media_id": media.media_id}


def _check_room(call: Call, *, kind: str) -> None:
    kept = sum(media.permanent and media.kind == kind for media in call.book.media.values())
    if kept >= (MOST_PICTURES if kind in ("image", "news") else MOST_OTHERS):
        raise PlatformError(45001)


def _description() -> dict[str, str]:
    try:
        found = json.loads(request.form.get("description", ""))
        return {"title": str(found["title"]), "introduction": str(found["introduction"])}
    except (ValueError, KeyError, TypeError):
        raise PlatformError(47001) from None


@endpoint("/cgi-bin/draft/add", method="POST", kind=OFFICIAL_ACCOUNT)
def add_draft(call: Call) -> dict[str, Any]:
    """Articles that a mass send may carry."""
    articles = call.body.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise PlatformError(45008)
    for article in articles:
        if not isinstance(article, dict) or not article.get("title") or not article.get("content"):
            raise PlatformError(44003)
        find(call, media_id=article.get("thumb_media_id"), permanent=True)
    media = Media(
        media_id=secrets.token_urlsafe(48), kind="news", name="", content_type="", size=0, created_at=call.now,
        permanent=True, title=str(articles[0]["title"]), articles=articles,
    )  # fmt: skip
    call.book.media[media.media_id] = media
    return {"media_id": media.media_id}


@endpoint("/cgi-bin/material/get_material", method="POST", kind=OFFICIAL_ACCOUNT)
def get_material(call: Call) -> Answer:
    media = find(call, media_id=call.body.get("media_id"), permanent=True)
    if media.kind == "news":
        return {"news_item": media.articles, "create_time": int(media.created_at), "update_time": int(media.created_at)}
    if media.kind == "video":
        return {"title": media.title, "description": media.words, "down_url": f"http://mpvideo.qpic.cn/{media.name}"}
    return Picture.of(media.content, content_type=media.content_type)


@endpoint("/cgi-bin/material/del_material", method="POST", kind=OFFICIAL_ACCOUNT)
def del_material(call: Call) -> dict[str, Any]:
    media = find(call, media_id=call.body.get("media_id"), permanent=True)
    del call.book.media[media.media_id]
    return ok()


@endpoint("/cgi-bin/material/get_materialcount", method="GET", kind=OFFICIAL_ACCOUNT)
def get_materialcount(call: Call) -> dict[str, Any]:
    kinds = [media.kind for media in call.book.media.values() if media.permanent]
    return {f"{kind}_count": kinds.count(kind) for kind in ("voice", "video", "image", "news")}


@endpoint("/cgi-bin/material/batchget_material", method="POST", kind=OFFICIAL_ACCOUNT)
def batchget_material(call: Call) -> dict[str, Any]:
    """Up to twenty of one kind, newest first."""
    kind, offset, count = text(call.body, name="type"), call.body.get("offset"), call.body.get("count")
    if kind not in ("image", "video", "voice", "news"):
        raise PlatformError(40004)
    if not isinstance(offset, int) or not isinstance(count, int) or offset < 0 or not 1 <= count <= 20:
        raise PlatformError(40097)
    found = [media for media in reversed(call.book.media.values()) if media.permanent and media.kind == kind]
    rows = [
        {"media_id": media.media_id, "name": media.name, "update_time": int(media.created_at), "url": media.url}
        if kind != "news"
        else {"media_id": media.media_id, "content": {"news_item": media.articles}}
        for media in found[offset : offset + count]
    ]
    return {"total_count": len(found), "item_count": len(rows), "item": rows}
