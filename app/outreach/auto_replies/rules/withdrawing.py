"""What must go when somebody takes back what they let the platform tell us (L04): the platform's numbers, and what we hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ALL = frozenset({"account", "phone", "name", "places", "words"})
_NOTHING: frozenset[str] = frozenset()
_NAME, _PLACES, _PHONE = frozenset({"name"}), frozenset({"places"}), frozenset({"phone"})
# A number that is in neither table may mean anything: then everything goes that came from there.
_OF_ACCOUNTS: Mapping[str, frozenset[str]] = {
    "201": _NOTHING, "202": _NOTHING, "203": _NOTHING, "204": _NOTHING, "205": _NAME, "206": _PLACES, "207": _NOTHING,
}  # fmt: skip
_OF_MINIPROGRAMS: Mapping[str, frozenset[str]] = {
    "1": _NOTHING, "2": _NOTHING, "3": _NOTHING, "4": _NOTHING, "5": _NOTHING, "6": _NAME, "7": _NOTHING, "8": _PHONE,
    "12": _NOTHING, "13": _PLACES, "14": _NOTHING, "15": _NOTHING, "16": _NOTHING, "18": _PLACES, "19": _NAME,
    "20": _NOTHING,
}  # fmt: skip


@dataclass(frozen=True)
class Going:
    """What goes. `account`: the ids of a closed WeChat account; `phone`: the number picked there; `name`: what they are
    called; `places`: where they were; `words`: what they wrote to us there."""

    account: bool = False
    phone: bool = False
    name: bool = False
    places: bool = False
    words: bool = False


def what_goes(withdrawn: str, revoked: Sequence[str]) -> Going:
    """What we must delete. `withdrawn`: cleaned (a profile that broke rules), revoked or closed; `revoked`: of what.

    Who revokes goes on being known by their openid, which needed no authorisation; who closed the account does not.
    """
    if withdrawn == "closed":
        return _going(ALL)
    if withdrawn == "cleaned":
        return _going(_NAME)
    known = {**_OF_ACCOUNTS, **_OF_MINIPROGRAMS}
    if not revoked or any(one not in known for one in revoked):
        return _going(ALL - {"account"})
    return _going(frozenset().union(*(known[one] for one in revoked)))


def _going(names: frozenset[str]) -> Going:
    return Going(**dict.fromkeys(names, True))
