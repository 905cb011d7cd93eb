"""Identifiers that look like the platform's, so that a product's columns and checks meet the real lengths."""

import hashlib
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits + "_-"


def _word(length: int) -> str:
    return secrets.token_urlsafe(length)[:length]


def openid(*, person_seed: str, appid: str) -> str:
    """28 characters, the same for one person in one app, different in each app."""
    digest = hashlib.sha256(f"{person_seed}/{appid}".encode()).digest()
    return "o" + "".join(_ALPHABET[byte % 64] for byte in digest[:27])


def unionid() -> str:
    return "o" + _word(27)


def appid() -> str:
    return "wx" + secrets.token_hex(8)


def original_id() -> str:
    return "gh_" + secrets.token_hex(6)


def secret() -> str:
    return secrets.token_hex(16)


def push_token() -> str:
    """What an administrator types as the token of message pushes: letters and digits."""
    return secrets.token_hex(16)


def aes_key() -> str:
    """EncodingAESKey: 43 letters and digits, base64 of 32 bytes without its last sign. The last letter carries four
    bits only, so that readers which insist on canonical base64 take it."""
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(42)) + secrets.choice("AEIMQUYcgkosw048")


def template_id() -> str:
    return _word(43)


def access_token() -> str:
    return f"{secrets.randbelow(90) + 10}_{_word(133)}"


def login_code() -> str:
    return "0" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(31))


def phone_code() -> str:
    return secrets.token_hex(32)


def ticket() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(11))


def rid(now: float) -> str:
    """`xxxxxxxx-xxxxxxxx-xxxxxxxx`; the first group is the unix time in hex."""
    return f"{int(now) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
