"""What a product answered to a push: nothing, or a passive reply that reaches the person (fact sheet C1, C5)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from sandbox.world.apps import App
from sandbox.world.push_sealing import NotOurs, signature, unseal
from sandbox.world.pushes import Push

LONGEST_TEXT = 2048
# type -> (element that holds its object, names in it that must not be empty)
NEEDED: dict[str, tuple[str, tuple[str, ...]]] = {
    "image": ("Image", ("MediaId",)),
    "voice": ("Voice", ("MediaId",)),
    "video": ("Video", ("MediaId",)),
    "music": ("Music", ("ThumbMediaId",)),
}


class BadReply(ValueError):
    """The person sees the grey notice; the text says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A passive reply that is in order, as {name: text or object}."""

    kind: str
    fields: dict[str, Any]


def read(raw: bytes, *, app: App, push: Push) -> Reply | None:
    """None when the answer says `success` or nothing. Raises BadReply."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadReply("the answer is not UTF-8") from None
    if text.strip() in ("", "success"):
        return None
    fields = parse(text, form=app.push_format)
    if "Encrypt" in fields:
        fields = parse(_opened(fields, app=app), form=app.push_format)
    elif app.push_mode == "secure":
        raise BadReply("the answer is not encrypted, and this app is in secure mode")
    return _checked(fields, app=app, push=push)


def parse(text: str, *, form: str) -> dict[str, Any]:
    """The fields of an answer in the app's data format."""
    if form == "json":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise BadReply("the answer is neither success nor JSON") from None
        if not isinstance(found, dict):
            raise BadReply("the answer is not a JSON object")
        return found
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadReply("a document type is not taken")
    try:
        root = ElementTree.fromstring(text.strip())  # noqa: S314 document types were refused above
    except ElementTree.ParseError as wrong:
        raise BadReply(f"the answer is neither success nor XML: {wrong}") from None
    found = _tree(root)
    if root.tag != "xml" or not isinstance(found, dict):
        raise BadReply("the answer's root element is not xml")
    return found


def _tree(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        return (element.text or "").strip() if element.tag != "Content" else element.text or ""
    if element.tag == "Articles":
        return {"item": [_tree(child) for child in children]}
    return {child.tag: _tree(child) for child in children}


def _opened(fields: Mapping[str, Any], *, app: App) -> str:
    sealed, stamp, nonce = (str(fields.get(name, "")) for name in ("Encrypt", "TimeStamp", "Nonce"))
    if str(fields.get("MsgSignature", "")) != signature(app.push_token, stamp, nonce, sealed):
        raise BadReply("MsgSignature is wrong")
    try:
        return unseal(sealed, aes_key=app.push_aes_key, appid=app.appid)
    except NotOurs as wrong:
        raise BadReply(str(wrong)) from None


def _checked(fields: dict[str, Any], *, app: App, push: Push) -> Reply:
    if fields.get("ToUserName") != push.openid or fields.get("FromUserName") != app.original_id:
        raise BadReply("ToUserName and FromUserName must be those of the push, swapped")
    if not str(fields.get("CreateTime", "")).isdigit():
        raise BadReply("CreateTime is missing")
    kind = str(fields.get("MsgType", ""))
    if not app.is_account and kind != "transfer_customer_service":
        raise BadReply("a mini-program's customer service answers by custom/send")
    if kind == "text":
        content = fields.get("Content")
        if not isinstance(content, str) or not content:
            raise BadReply("Content is empty")
        if len(content.encode()) > LONGEST_TEXT:
            raise BadReply(f"Content is longer than {LONGEST_TEXT} bytes")
    elif kind in NEEDED:
        _check_object(fields, kind=kind)
    elif kind == "news":
        _check_news(fields)
    elif kind != "transfer_customer_service":
        raise BadReply(f"MsgType {kind or '(none)'} cannot be answered")
    return Reply(kind=kind, fields=fields)


def _check_object(fields: Mapping[str, Any], *, kind: str) -> None:
    name, needed = NEEDED[kind]
    found = fields.get(name)
    if not isinstance(found, dict) or not all(found.get(key) for key in needed):
        raise BadReply(f"{name} needs {', '.join(needed)}")


def _check_news(fields: Mapping[str, Any]) -> None:
    articles = fields.get("Articles")
    items = articles.get("item") if isinstance(articles, dict) else articles
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise BadReply("Articles needs an item")
    if not all(item.get("Title") for item in items):
        raise BadReply("an article needs a Title")
    if str(fields.get("ArticleCount", "")) != str(len(items)):
        raise BadReply("ArticleCount is not the number of items")
