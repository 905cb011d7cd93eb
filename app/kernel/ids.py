"""Ids are bigint inside and opaque outside: the doors seal (kind, id) into text that reveals neither count nor order.

One AES block: four bytes of the kind's digest, eight of the id, four zeros that prove it was sealed by us.
"""

import base64
import functools
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.kernel.errors import NotFound
from app.kernel.settings import settings

_LAYOUT = struct.Struct(">4sQ4s")
_PROOF = b"\0\0\0\0"
_TEXT_LENGTH = 26


@functools.cache
def _cipher() -> Cipher[modes.ECB]:
    # A single block of a value that never repeats within a kind: the case ECB is made for.
    return Cipher(algorithms.AES(settings().seal_key), modes.ECB())  # noqa: S305


@functools.cache
def _tag(kind: str) -> bytes:
    return hashlib.sha256(kind.encode()).digest()[:4]


def seal(kind: str, number: int) -> str:
    """The outside form of an id: 26 letters and digits."""
    block = _cipher().encryptor().update(_LAYOUT.pack(_tag(kind), number, _PROOF))
    return base64.b32encode(block).decode().rstrip("=").lower()


def unseal(kind: str, text: str) -> int:
    """The id behind a sealed text. Raises NotFound when it was not sealed by us for this kind."""
    try:
        if len(text) != _TEXT_LENGTH:
            raise ValueError
        block = base64.b32decode(text.upper() + "======")
        tag, number, proof = _LAYOUT.unpack(_cipher().decryptor().update(block))
        if tag != _tag(kind) or proof != _PROOF:
            raise ValueError
    except (ValueError, struct.error):
        raise NotFound(kind=kind) from None
    return int(number)
