"""What the platform pushes to us: whether it is really from there, what it says, and how we answer.

An account whose settings hold a key takes encrypted pushes only (secure and compatible mode): in plain mode the signature
does not cover the body, so anybody who saw one address could write what he likes.
"""

import base64
import functools
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wechatpy.crypto import PrpCrypto

from app.gateways.wechat import xml
from app.kernel.settings import WeChatAccount, settings

Form = Literal["xml", "json"]
LIST_EVENTS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


class PushForged(Exception):
    """Not from the platform, not for this account, or not protected as this account asks: answer 403 and store nothing."""


class PushUnreadable(Exception):
    """From the platform, but no message that we can read."""


@dataclass(frozen=True)
class Push:
    """One message or event. `raw` is the message as it was said, after decryption; `fields` its members.

    `form` and `secure` say how an answer must look.
    """

    appid: str
    fields: dict[str, Any] = field(repr=False)
    raw: bytes = field(repr=False)
    form: Form
    secure: bool


def check_address(appid: str, query: Mapping[str, str]) -> str:
    """The words to answer when the platform verifies our address (GET): its `echostr`. Raises PushForged."""
    _check(_account(appid), query, "signature")
    return query.get("echostr", "")


def open_push(appid: str, query: Mapping[str, str], body: bytes) -> Push:
    """Check, decrypt and read a push (POST). Raises PushForged, PushUnreadable."""
    account = _account(appid)
    if not account.push_keys:
        _check(account, query, "signature")
        fields, form = _read(body)
        if "MsgType" not in fields and "Encrypt" in fields:
            raise PushUnreadable("encrypted, but no key of this account is set")
        return Push(appid, fields, body, form, secure=False)
    # Signed is what is encrypted: the envelope is read before anything is known of who wrote it.
    try:
        envelope, form = _read(body)
    except PushUnreadable:
        raise PushForged("no envelope") from None
    encrypted = envelope.get("Encrypt")
    if not isinstance(encrypted, str):
        raise PushForged("not encrypted, though the account has a key")
    _check(account, query, "msg_signature", encrypted)
    raw = _decrypt(account, encrypted)
    fields, form = _read(raw)
    return Push(appid, fields, raw, form, secure=True)


def seal_reply(appid: str, fields: dict[str, Any], nonce: str, timestamp: int, form: Form = "xml") -> bytes:
    """An answer for the body of our response, encrypted with the account's current key. `timestamp` in seconds, ours."""
    account = _account(appid)
    message = plain_reply(fields, form).decode()
    encrypted = _cipher(account.push_keys[0]).encrypt(message, appid).decode()
    signed = _signature(account.push_token, str(timestamp), nonce, encrypted)
    sealed = {"Encrypt": encrypted, "MsgSignature": signed, "TimeStamp": timestamp, "Nonce": nonce}
    return plain_reply(sealed, form)


def plain_reply(fields: dict[str, Any], form: Form = "xml") -> bytes:
    """The same answer for an account in plain mode."""
    if form == "json":
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return xml.write(fields).encode()


def subscription_items(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The templates that a subscription event speaks of: XML nests them, JSON has them on top, one alone is no list."""
    place = fields.get(LIST_EVENTS.get(str(fields.get("Event", "")).lower(), ""), fields)
    found = place.get("List", []) if isinstance(place, dict) else []
    return [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]


def _account(appid: str) -> WeChatAccount:
    account = settings().wechat_accounts.get(appid)
    if account is None or not account.push_token:
        raise PushForged("no account of ours receives pushes under this appid")
    return account


def _signature(*words: str) -> str:
    return hashlib.sha1("".join(sorted(words)).encode(), usedforsecurity=False).hexdigest()


def _check(account: WeChatAccount, query: Mapping[str, str], name: str, *signed: str) -> None:
    expected = _signature(account.push_token, query.get("timestamp", ""), query.get("nonce", ""), *signed)
    if not hmac.compare_digest(expected.encode(), query.get(name, "").encode("utf-8", "replace")):
        raise PushForged(f"wrong {name}")


class _Cipher(PrpCrypto):
    def get_random_string(self) -> str:
        return secrets.token_hex(8)  # wechatpy's come from a generator that is not made for secrets


@functools.cache
def _cipher(key: str) -> _Cipher:
    """wechatpy's cipher with the key decoded once; each call makes its own context."""
    return _Cipher(base64.b64decode(f"{key}="))


def _decrypt(account: WeChatAccount, encrypted: str) -> bytes:
    """For a while after a change the platform still encrypts with the former key, so each is tried."""
    for key in account.push_keys:
        try:
            return str(_cipher(key).decrypt(encrypted, account.appid)).encode()
        except Exception:  # noqa: S112 with a wrong key wechatpy stumbles over whatever bytes it finds
            continue
    raise PushForged("encrypted with no key of this account, or for another account")


def _read(body: bytes) -> tuple[dict[str, Any], Form]:
    try:
        if body.lstrip()[:1] == b"{":
            found = json.loads(body)
            if not isinstance(found, dict):
                raise PushUnreadable("not an object")
            # A published sample has a blank inside a name.
            return {name.strip(): value for name, value in found.items()}, "json"
        return xml.parse(body), "xml"
    except (ValueError, RecursionError) as error:
        raise PushUnreadable(str(error)) from error
