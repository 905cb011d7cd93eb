"""Observations of made-up people for the identity benches: single, pairs, chains and stars of ids, in no order.

Of ten people one has a star (one unionid, many openids and cards around it), two a chain (each id seen only with the one
before), the rest what most have: a phone at the counter, a unionid, an openid or two, seen together a few times. Nobody has
more ids of a kind than one may have, so that every component is one person.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

VERSION = 1  # another file for another number
HEADER = "seen_at,source,proof,phone,unionid,openid:wx0001,openid:wx0002,external_userid:ww01,omid:tmall,card"
_FIRST_SECOND = 1_704_067_200  # 2024-01-01
_SOURCES = ("counter", "miniprogram", "official_account", "wecom", "tmall")
# Which columns one observation of a person of a kind fills in, in turn: p u 1 2 e o c as in the header.
_MANNERS = {
    "pair": ("u1",),
    "counter": ("pc", "p"),
    "usual": ("u1", "pu", "u2"),
    "chain": ("p1", "1u", "u2", "2e", "eo"),
    "star": ("pu", "u1", "u2", "ue", "uo", "uc"),
}
_SHARES = (("pair", 3), ("counter", 3), ("usual", 2), ("chain", 1), ("star", 1))
_KINDS = [kind for kind, share in _SHARES for _ in range(share)]
OBSERVATIONS_A_PERSON = sum(len(_MANNERS[kind]) for kind in _KINDS) / len(_KINDS)
_PLACES = {letter: place for place, letter in enumerate("pu12eoc")}


def write(path: Path, *, observations: int, first: int = 0, seed: int = 7) -> int:
    """Write a file of so many observations about people numbered from `first`; how many people it was made for."""
    people = int(observations / OBSERVATIONS_A_PERSON * 1.01) + 1
    chance = np.random.default_rng(seed)
    who, manner, step = _plan(people, chance)
    order = chance.permutation(len(who))[:observations]
    if len(order) < observations:
        raise ValueError("too few people for so many observations")
    seconds = chance.integers(0, 50_000_000, observations) + _FIRST_SECOND
    moments = np.datetime_as_string(seconds.astype("datetime64[s]"), timezone="UTC")
    told = zip(who[order].tolist(), manner[order].tolist(), step[order].tolist(), moments.tolist(), strict=True)
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(HEADER + "\n")
        file.writelines(_line(first + person, _KINDS[chosen], turn, at) for person, chosen, turn, at in told)
    return people


def _plan(people: int, chance: np.random.Generator) -> tuple[npt.NDArray[np.int64], ...]:
    chosen = chance.integers(0, len(_KINDS), people)
    counts = np.array([len(_MANNERS[kind]) for kind in _KINDS])[chosen]
    who = np.repeat(np.arange(people), counts)
    step = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    return who, np.repeat(chosen, counts), step


def _line(person: int, kind: str, turn: int, moment: str) -> str:
    cells = [""] * len(_PLACES)
    for letter in _MANNERS[kind][turn]:
        cells[_PLACES[letter]] = _value(letter, person)
    return f"{moment},{_SOURCES[(person + turn) % len(_SOURCES)]},proven,{','.join(cells)}\n"


def _value(letter: str, person: int) -> str:
    scrambled = person * 2_654_435_761 % 10**9
    if letter == "p":
        return f"1{3 + person // 10**9 % 7}{scrambled:09}"
    if letter == "c":
        return f"80{person:012}"
    return f"{letter}Z{scrambled:09}_{person:010}aQx"
