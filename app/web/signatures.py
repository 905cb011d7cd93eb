"""Machines sign each request with the secret of their shop (docs/open-api.md).

The guard knows the caller before anything of the body is read as JSON; a request acts once, within five minutes.
"""

import datetime as dt
import hashlib
import hmac
import re
from dataclasses import dataclass

import flask

from app.kernel import clock, nonces
from app.kernel.database import unit_of_work
from app.kernel.errors import Conflict, Unauthenticated
from app.kernel.settings import settings

TOLERANCE = dt.timedelta(minutes=5)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class SignatureMissing(Unauthenticated):
    """A header is missing or malformed. Data: `header`."""

    code = "signature.missing"
    title = "请求没有签名"
    advice = "带上 X-Guiyi-Key、X-Guiyi-Timestamp、X-Guiyi-Nonce 和 X-Guiyi-Signature，见 docs/open-api.md"


class SignatureInvalid(Unauthenticated):
    code = "signature.invalid"
    title = "签名不对"
    advice = "检查密钥和签名的各部分，见 docs/open-api.md"


class SignatureExpired(Unauthenticated):
    """Signed more than five minutes ago, or ahead. Data: `now`, our time in Unix seconds."""

    code = "signature.expired"
    title = "签名已过期"
    advice = "校准时钟，用现在的时间重新签名"


class SignatureReplayed(Conflict):
    """The nonce was used before."""

    code = "signature.replayed"
    title = "这个请求已经收到过"
    advice = "每个请求用新的 nonce 重新签名"


@dataclass(frozen=True)
class Machine:
    """A shop's or marketplace's system. `channel` is the one whose orders it may write and see."""

    channel: str

    @property
    def key(self) -> str:
        """Tells callers apart."""
        return f"machine:{self.channel}"


def sign(secret: str, *, method: str, target: str, timestamp: int, nonce: str, body: bytes) -> str:
    """The signature of a request in hex. `target`: the path in UTF-8, then `?` and the query as sent where there is one."""
    words = (method, target, str(timestamp), nonce, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(words).encode(), hashlib.sha256).hexdigest()


class MachineGuard:
    """Lets in who signed with a known secret, now and for the first time."""

    security = "machine"

    def __call__(self) -> Machine:
        channel, timestamp = _header("Key"), _header("Timestamp", _SECONDS)
        nonce, signature = _header("Nonce", _NONCE), _header("Signature")
        # An unknown key is compared too, so that time does not tell which keys there are.
        secret = settings().shop_secrets.get(channel, "")
        expected = sign(
            secret,
            method=flask.request.method,
            target=_target(),
            timestamp=int(timestamp),
            nonce=nonce,
            body=flask.request.get_data(),
        )
        if not hmac.compare_digest(expected.encode(), signature.encode()) or not secret:
            raise SignatureInvalid
        now = clock.now()
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
            raise SignatureExpired(now=int(now.timestamp()))
        _spend(channel, nonce, now)
        return Machine(channel)


machine = MachineGuard()


def forget_nonces_due(*, now: dt.datetime, limit: int = 10_000) -> int:
    """Delete nonces whose requests would be refused as expired anyway; how many."""
    return nonces.forget_due(before=now - 2 * TOLERANCE, limit=limit)


def _header(name: str, form: re.Pattern[str] | None = None) -> str:
    value = flask.request.headers.get(f"X-Guiyi-{name}", "")
    if not value or (form is not None and not form.fullmatch(value)):
        raise SignatureMissing(header=f"X-Guiyi-{name}")
    return value


def _target() -> str:
    query = flask.request.query_string.decode("latin-1")
    return f"{flask.request.path}?{query}" if query else flask.request.path


def _spend(channel: str, nonce: str, now: dt.datetime) -> None:
    """A change spends the nonce in its own transaction, which the view's unit of work commits; a look at once."""
    if flask.request.method in SAFE_METHODS:
        with unit_of_work():
            first = nonces.spend(caller=channel, nonce=nonce, now=now)
    else:
        first = nonces.spend(caller=channel, nonce=nonce, now=now)
    if not first:
        raise SignatureReplayed
