"""The guard of the cloud that pushes receipts of texts and calls: it signs nothing, so the address itself is the secret."""

import hmac
from dataclasses import dataclass

import flask

from app.kernel.errors import Unauthenticated
from app.kernel.settings import settings
from app.web.pushes import LARGEST_PUSH_BYTES


class NotFromCloud(Unauthenticated):
    """The address does not end with the key that we gave the cloud, or we gave it none."""

    code = "receipt.forged"
    title = "不是云服务商发来的回执"
    advice = "回执地址要以 TELECOM_PUSH_KEY 结尾，见 docs/official-account.md"


@dataclass(frozen=True)
class Cloud:
    """The provider of texts and calls."""

    @property
    def key(self) -> str:
        """Tells callers apart."""
        return "telecom"


class TelecomGuard:
    """Lets in whoever knows the address."""

    security = "telecom"

    def __call__(self) -> Cloud:
        flask.request.max_content_length = LARGEST_PUSH_BYTES * 8  # receipts come many at a time
        expected, given = settings().telecom_push_key, str((flask.request.view_args or {}).get("key", ""))
        if not expected or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise NotFromCloud
        return Cloud()


telecom = TelecomGuard()
