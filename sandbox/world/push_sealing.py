"""Signing and sealing of pushes and of the answers to them (fact sheet C1)."""

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class NotOurs(ValueError):
    """What came back was not sealed with this app's key, or for this app."""


def signature(*parts: str) -> str:
    """sha1 over the sorted parts: (token, timestamp, nonce), with the sealed text as a fourth for msg_signature."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(text: str, *, aes_key: str, appid: str, random16: bytes | None = None) -> str:
    """AES-256-CBC over random, length, text and appid; padded to blocks of 32 bytes; base64."""
    message = text.encode()
    plain = (random16 or secrets.token_bytes(16)) + struct.pack(">I", len(message)) + message + appid.encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def unseal(sealed: str, *, aes_key: str, appid: str) -> str:
    """The text inside; NotOurs when the key or the appid is another's, or the bytes make no sense."""
    try:
        decryptor = _cipher(aes_key).decryptor()
        plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
    except ValueError as wrong:
        raise NotOurs(f"Encrypt cannot be read: {wrong}") from None
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= BLOCK or len(plain) < 20 + padding:
        raise NotOurs("Encrypt was not made with this EncodingAESKey")
    body = plain[16:-padding]
    (length,) = struct.unpack(">I", body[:4])
    if body[4 + length :] != appid.encode():
        raise NotOurs("the appid inside Encrypt is not this app's")
    try:
        return body[4 : 4 + length].decode()
    except UnicodeDecodeError:
        raise NotOurs("what is inside Encrypt is not UTF-8") from None


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
