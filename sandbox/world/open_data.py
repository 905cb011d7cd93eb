"""What the phone hands to a mini-program's server: signed and encrypted with the session key."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7


def raw_data_signature(raw_data: str, *, session_key: str) -> str:
    """sha1 of the exact text and the key as received."""
    return hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()


def login_state_signature(session_key: str, *, message: str = "") -> str:
    """hmac_sha256; the key is the base64 text itself, the message the POST body or nothing."""
    return hmac.new(session_key.encode(), message.encode(), hashlib.sha256).hexdigest()


def encrypt(data: Mapping[str, Any], *, session_key: str, iv: str | None = None) -> tuple[str, str]:
    """AES-128-CBC with PKCS#7; returns (encryptedData, iv), both base64."""
    return encrypt_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), session_key=session_key, iv=iv)


def encrypt_text(text: str, *, session_key: str, iv: str | None = None) -> tuple[str, str]:
    vector = base64.b64decode(iv) if iv else secrets.token_bytes(16)
    padder = PKCS7(128).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(base64.b64decode(session_key)), modes.CBC(vector)).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize()
    return base64.b64encode(sealed).decode(), base64.b64encode(vector).decode()


def decrypt_text(encrypted: str, *, session_key: str, iv: str) -> str:
    """The reverse; raises ValueError when the key is not the one it was made with."""
    decryptor = Cipher(algorithms.AES(base64.b64decode(session_key)), modes.CBC(base64.b64decode(iv))).decryptor()
    padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def encrypted_hash(encrypted: str) -> str:
    """By this hash checkencryptedmsg recognises data that the platform made."""
    return hashlib.sha256(encrypted.encode()).hexdigest()
