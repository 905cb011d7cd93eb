"""Codes that people show and type: a letter that says what it opens, 14 letters of chance (70 bits), one that proves the rest.

The alphabet has no I, L, O, U, so that a code survives being read aloud. The last letter is a checksum over GF(32): it
finds every single wrong letter and every swap of two neighbours.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHANCE_LETTERS = 14
LENGTH = 1 + CHANCE_LETTERS + 1
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_HEARD_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_FIELD = 0b100101  # x⁵ + x² + 1


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 0b100000 else value


def _proof(body: str) -> str:
    found = 0
    for letter in body:
        found = _times_x(found ^ _VALUES[letter])
    return ALPHABET[found]


def new_code(prefix: str) -> str:
    """A code with a one-letter prefix, itself of the alphabet, that nobody can guess (70 bits)."""
    body = prefix + "".join(secrets.choice(ALPHABET) for _ in range(CHANCE_LETTERS))
    return body + _proof(body)


def code_of(text: str, prefix: str) -> str | None:
    """The code somebody typed or scanned, None when it is none of ours: spaces, hyphens, case and O/0, I/1 do not matter."""
    letters = "".join(text.split()).replace("-", "").upper().translate(_HEARD_AS)
    if len(letters) != LENGTH or letters[0] != prefix or not set(letters) <= set(ALPHABET):
        return None
    return letters if _proof(letters[:-1]) == letters[-1] else None
