"""Lists page by cursor: the sort key of the last row seen, so that rows added meanwhile shift nothing.

It holds ids, so it is sealed: encrypted and proven to be ours (AES-SIV).
"""

import base64
import binascii
import functools
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from app.kernel.errors import Unprocessable
from app.kernel.settings import settings

T = TypeVar("T")
LARGEST_PAGE = 100


class CursorInvalid(Unprocessable):
    code = "paging.cursor_invalid"
    title = "翻页位置无效"
    advice = "从第一页重新开始"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Up to `limit` items and the cursor of the next page, None at the end."""

    items: Sequence[T]
    next_cursor: str | None


@functools.cache
def _seal() -> AESSIV:
    return AESSIV(hmac.digest(settings().index_key, b"cursor", "sha256"))


def encode_cursor(values: Sequence[Any]) -> str:
    """A cursor from the sort key of the last row (JSON values; times as ISO text)."""
    body = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return base64.urlsafe_b64encode(_seal().encrypt(body, None)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The sort key in a cursor. Raises CursorInvalid for anything we did not issue."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        body = _seal().decrypt(raw, None)
    except (binascii.Error, UnicodeEncodeError, ValueError, InvalidTag):
        raise CursorInvalid from None
    return list(json.loads(body))


def page_of(rows: Sequence[T], limit: int, key: Any) -> Page[T]:
    """A page from up to `limit` + 1 rows; `key(row)` gives the sort key."""
    shown = rows[:limit]
    more = len(rows) > limit and shown
    return Page(shown, encode_cursor(key(shown[-1])) if more else None)
