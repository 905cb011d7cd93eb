"""The guard of platforms that push to us: lets in what is signed with the account's token, and, where the account has a key,
encrypted with it. Nothing of a body is read as a message before that."""

from dataclasses import dataclass, field

import flask

from app.gateways.wechat import pushes
from app.gateways.wechat.pushes import Push, PushForged, PushUnreadable
from app.kernel.errors import Refusal, Unauthenticated

# Far beyond any message: the longest text has 2,048 bytes, compatible mode says everything twice.
LARGEST_PUSH_BYTES = 128 * 1024


class NotFromPlatform(Unauthenticated):
    """Not signed, signed with another token, encrypted with no key of this account, or meant for another account."""

    code = "push.forged"
    title = "不是平台发来的请求"
    advice = "检查公众平台里填写的 URL、Token 和 EncodingAESKey，见 docs/official-account.md"


class PushMalformed(Refusal):
    """From the platform, but nothing that we can read: no XML or JSON, or XML with a document type."""

    status = 400
    code = "push.malformed"
    title = "推送的内容读不懂"


@dataclass(frozen=True)
class Platform:
    """The platform, speaking for one of our accounts. `push` is empty where it only verifies our address."""

    appid: str
    nonce: str = field(repr=False)
    echo: str = field(default="", repr=False)
    push: Push | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Tells callers apart."""
        return f"platform:{self.appid}"


class PushGuard:
    """Lets in the platform, for the account in the address."""

    security = "platform"

    def __call__(self) -> Platform:
        request = flask.request
        appid = str((request.view_args or {}).get("appid", ""))
        nonce = request.args.get("nonce", "")
        request.max_content_length = LARGEST_PUSH_BYTES
        try:
            if request.method != "POST":
                return Platform(appid, nonce, echo=pushes.check_address(appid, request.args))
            return Platform(appid, nonce, push=pushes.open_push(appid, request.args, request.get_data()))
        except PushForged:
            raise NotFromPlatform from None
        except PushUnreadable as error:
            raise PushMalformed(why=str(error)[:200]) from None


platform = PushGuard()
