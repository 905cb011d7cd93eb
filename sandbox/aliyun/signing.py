"""The signature ACS3-HMAC-SHA256 of a request, checked with the secret of its access key."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from werkzeug.datastructures import Headers

from sandbox.aliyun.actions import Refused
from sandbox.world.telecom import Telecom

ALGORITHM = "ACS3-HMAC-SHA256"
LATE_SECONDS = 15 * 60
_HEADER = re.compile(rf"{ALGORITHM} Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{{64}})")


def check(telecom: Telecom, *, method: str, query: Mapping[str, str], headers: Headers, body: bytes) -> None:
    """Refuses a request that is unsigned, late, repeated, of an unknown key or signed wrongly. The date is held against
    the real clock, not the sandbox's: a client has no other."""
    match = _HEADER.fullmatch(headers.get("Authorization", ""))
    if match is None:
        raise Refused("IncompleteSignature")
    key_id, names, signature = match.groups()
    secret = telecom.keys.get(key_id)
    if secret is None:
        raise Refused("InvalidAccessKeyId.NotFound")
    _check_date(headers.get("x-acs-date", ""))
    payload = hashlib.sha256(body).hexdigest()
    if headers.get("x-acs-content-sha256", "") != payload:
        raise Refused("SignatureDoesNotMatch")
    signed = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names.split(";"))
    lines = (method, "/", _canonical(query), signed, names, payload)
    wanted = signature_of("\n".join(lines), secret=secret)
    if not hmac.compare_digest(wanted, signature):
        raise Refused("SignatureDoesNotMatch")
    nonce = headers.get("x-acs-signature-nonce", "")
    if not nonce or not telecom.first_time(nonce):
        raise Refused("SignatureNonceUsed")


def signature_of(canonical_request: str, *, secret: str) -> str:
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    return hmac.new(secret.encode(), f"{ALGORITHM}\n{digest}".encode(), hashlib.sha256).hexdigest()


def _canonical(query: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(query[name], safe='~')}" for name in sorted(query))


def _check_date(given: str) -> None:
    try:
        at = datetime.strptime(given, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("InvalidTimeStamp.Expired") from None
    if abs(time.time() - at.timestamp()) > LATE_SECONDS:
        raise Refused("InvalidTimeStamp.Expired")
