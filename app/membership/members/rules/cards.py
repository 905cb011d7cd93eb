"""Card numbers and the card's code: digits only, that reveal neither count nor order.

Both are permutations (a Feistel network over decimal halves, rounds keyed by HMAC): every number belongs to one member,
and without the key the next one cannot be told from the last.
"""

import hmac

CARD_DIGITS = 14  # of the sealed customer id; one leading digit and the check digit come on top: 16
CODE_DIGITS = 20
_ID_DIGITS = 12  # of a code; the other eight digits are zeros that prove it was ours
_PROOF: int = 10 ** (CODE_DIGITS - _ID_DIGITS)
_LEADING = "8"
_ROUNDS = 10
# A code is of a slot of ten seconds and lives sixty from its beginning, a little longer for clocks that differ.
SLOT_SECONDS = 10


def check_digit(digits: str) -> str:
    """The Luhn digit that belongs behind these digits."""
    total = 0
    for place, letter in enumerate(reversed(digits)):
        number = int(letter) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def is_card_number(text: str) -> bool:
    """Whether a text has the form of one of our card numbers: its digits, its leading digit, its check digit."""
    whole = len(text) == CARD_DIGITS + 2 and text.isascii() and text.isdigit()
    return whole and text[0] == _LEADING and check_digit(text[:-1]) == text[-1]


def card_number(customer_id: int, key: bytes) -> str:
    """The 16 digits of a member's card."""
    digits = _LEADING + str(_permute(customer_id, CARD_DIGITS, key)).zfill(CARD_DIGITS)
    return digits + check_digit(digits)


def slot_of(seconds: int) -> int:
    """The slot of a Unix time."""
    return seconds // SLOT_SECONDS


def code_of(customer_id: int, slot: int, key: bytes) -> str:
    """The 20 digits a member shows in a slot. Raises ValueError for an id that does not fit."""
    if not 0 < customer_id < 10**_ID_DIGITS:
        raise ValueError("the id does not fit into a code")
    return str(_permute(customer_id * _PROOF, CODE_DIGITS, _slot_key(key, slot))).zfill(CODE_DIGITS)


def customer_of_code(code: str, slots: range, key: bytes) -> int | None:
    """Whose code this is in one of the slots; None for a wrong or an old one. Looks nothing up."""
    if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
        return None
    for slot in slots:
        customer_id, proof = divmod(_restore(int(code), CODE_DIGITS, _slot_key(key, slot)), _PROOF)
        if proof == 0 and customer_id > 0:
            return customer_id
    return None


def _slot_key(key: bytes, slot: int) -> bytes:
    return hmac.digest(key, b"slot\0%d" % slot, "sha256")


def _round(key: bytes, number: int, half: int, size: int) -> int:
    return int.from_bytes(hmac.digest(key, b"%d\0%d" % (number, half), "sha256")[:16], "big") % size


def _permute(value: int, digits: int, key: bytes) -> int:
    size: int = 10 ** (digits // 2)
    left, right = divmod(value, size)
    for number in range(_ROUNDS):
        left, right = right, (left + _round(key, number, right, size)) % size
    return left * size + right


def _restore(value: int, digits: int, key: bytes) -> int:
    size: int = 10 ** (digits // 2)
    left, right = divmod(value, size)
    for number in reversed(range(_ROUNDS)):
        left, right = (right - _round(key, number, left, size)) % size, left
    return left * size + right
