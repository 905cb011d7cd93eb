"""What each errcode means for us. A code is read together with its path: 45009 is a day's limit for sends."""

import re

from app.gateways.wechat.refusals import (
    AccountRefused,
    Busy,
    CalledTooOften,
    MessageInvalid,
    NotSent,
    PlatformAway,
    PlatformRefused,
    QuotaSpent,
    RateReached,
    RecipientRefused,
    RequestInvalid,
    TokenRefused,
)
from app.kernel.errors import Refusal

BUSY = -1
TOKEN_REFUSED = frozenset({40001, 40014, 42001})

_SENDS: tuple[tuple[type[NotSent], tuple[int, ...]], ...] = (
    (Busy, (BUSY,)),
    (TokenRefused, (40001, 40014, 42001, 41001)),
    (QuotaSpent, (45009, 44993, 45028)),
    (RateReached, (45011, 43108, 43117, 44990, 45066)),
    (RecipientRefused, (40003, 43004, 43019, 43101, 45015, 45047, 46004, 48002, 49003, 50005)),
    (AccountRefused, (40002, 40013, 40125, 40164, 40243, 41002, 41004, 89501, 89503, 89506, 89507)),
    (AccountRefused, (43107, 48001, 48004, 48005, 50001, 50002, 50004, 50007, 61004, 61007)),
)
SENDS: dict[int, type[NotSent]] = {code: kind for kind, codes in _SENDS for code in codes}
# "data.thing1.value invalid", "data.thing1.value is empty"; at times "argument invalid! thing1 …" without the path.
_FIELD = re.compile(r"\bdata\.([A-Za-z_]+\d*)\b|\b([a-z_]+\d+)(?:\.DATA|\.value)\b")


def send_refusal(errcode: int, errmsg: str) -> NotSent:
    """What an errcode means for a send. A code that nobody told us of is final: sending it again would not mend it."""
    kind = SENDS.get(errcode, MessageInvalid)
    if kind is MessageInvalid:
        named = _FIELD.search(errmsg)
        return MessageInvalid(errcode, errmsg, field=(named[1] or named[2]) if named else None)
    return kind(errcode, errmsg)


def call_refusal(errcode: int, errmsg: str) -> Refusal:
    """What an errcode means for any other call."""
    if errcode == BUSY:
        return PlatformAway(errcode=errcode)
    kind = SENDS.get(errcode, MessageInvalid)
    if kind in {QuotaSpent, RateReached}:
        return CalledTooOften(errcode=errcode)
    if kind in {TokenRefused, AccountRefused}:
        return PlatformRefused(errcode=errcode, errmsg=errmsg)
    return RequestInvalid(errcode=errcode, errmsg=errmsg)
