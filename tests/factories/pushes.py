"""The platform's side of pushes: a client that signs, encrypts and posts what WeChat would, by wechatpy's own crypto."""

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from wechatpy.crypto import WeChatCrypto
from werkzeug.test import TestResponse

from app.gateways.wechat import xml
from app.kernel.settings import settings
from tests.conftest import SHARED

OA, MP = "wxfedcba9876543210", "wx0123456789abcdef"
FIXTURES = SHARED / "platform" / "wechat-fixtures"
_numbers = itertools.count(1)


def signature(*words: str) -> str:
    """The platform's signature over words."""
    return hashlib.sha1("".join(sorted(words)).encode()).hexdigest()


def an_event(openid: str, event: str, at: int, **more: Any) -> str:
    """An event as XML."""
    return as_xml(
        {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": openid,
            "CreateTime": at,
            "MsgType": "event",
            "Event": event,
            **more,
        }
    )


def a_text(openid: str, content: str, at: int, number: int = 0) -> str:
    """A text message as XML."""
    return as_xml(
        {"ToUserName": "gh_0123456789ab", "FromUserName": openid, "CreateTime": at, "MsgType": "text", "Content": content,
         "MsgId": number or 9_000_000_000_000 + next(_numbers)}
    )  # fmt: skip


def as_xml(fields: dict[str, Any]) -> str:
    """Members as the platform's XML."""
    return xml.write(fields)


def fixture(name: str) -> tuple[str, str]:
    """A recorded push: whose kind of account, and its text."""
    path: Path = FIXTURES / name
    return (MP if path.parent.name == "mp" else OA), path.read_text()


class Pushing:
    """Pushes to the door as the platform does, and reads what it answers."""

    def __init__(self, client: FlaskClient, appid: str = OA, *, key: int = 0) -> None:
        account = settings().wechat_accounts[appid]
        self.client, self.appid, self.token = client, appid, account.push_token
        self.crypto = WeChatCrypto(self.token, account.push_keys[key], appid)

    def address(self, **query: Any) -> str:
        """Our address, with what the platform adds."""
        return f"/oa/v1/callbacks/{self.appid}?{urlencode(query)}"

    def push(self, message: str, *, timestamp: str = "1779249600", nonce: str = "") -> TestResponse:
        """One push, encrypted and signed; fresh chance each time, as with the platform's repeats."""
        nonce = nonce or str(1_000_000 + next(_numbers))
        sealed = xml.parse(self.crypto.encrypt_message(message, nonce, timestamp))
        query = {
            "signature": signature(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce,
            "encrypt_type": "aes", "msg_signature": sealed["MsgSignature"],
        }  # fmt: skip
        envelope = {"ToUserName": "gh_0123456789ab", "Encrypt": sealed["Encrypt"]}
        body = json.dumps(envelope) if message.lstrip().startswith("{") else as_xml(envelope)
        return self.client.post(self.address(**query), data=body.encode(), content_type="text/xml")

    def read(self, answer: TestResponse) -> dict[str, Any] | None:
        """The reply in an answer, decrypted; None where it is a mere receipt."""
        assert answer.status_code == 200, answer.get_data(as_text=True)
        text = answer.get_data(as_text=True)
        if text in ("", "success"):
            return None
        sealed = json.loads(text) if text.startswith("{") else xml.parse(text)
        plain = self.crypto.decrypt_message(
            {"Encrypt": sealed["Encrypt"]}, sealed["MsgSignature"], str(sealed["TimeStamp"]), sealed["Nonce"]
        )
        return json.loads(plain) if plain.startswith("{") else xml.parse(plain)
