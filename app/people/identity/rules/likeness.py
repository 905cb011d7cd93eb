"""What is compared of two weak records, and how alike it may be: the model's shape, as data. What it learns is in matching.

Conditions are DuckDB's SQL over the columns of `proposing.Plain`, `_l` and `_r` for the two records.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One answer to "how alike?". `match`, `chance`: how often it is given for one person and for two, before looking.

    `common`: the column whose frequent values say less.
    """

    name: str
    when: str
    match: float
    chance: float
    common: str = ""


def _slips(column: str, *between: Level, same: float, chance: float, common: str = "") -> tuple[Level, ...]:
    """A number that people type: alike, one digit off, then `between`, then anything."""
    left, right = f"{column}_l", f"{column}_r"
    distance = f"damerau_levenshtein({left}, {right})"
    return (
        Level("same", f"{left} = {right}", same, chance, common=common),
        Level("slip", f"{distance} <= 1", 0.08, chance * 5),
        *between,
        Level("near", f"{distance} <= 2", 0.02, chance * 50),
    )


def _name(part: str) -> tuple[Level, ...]:
    sound_l, sound_r = f"{part}_sound_l", f"{part}_sound_r"
    alike = f"jaro_winkler_similarity({sound_l}, {sound_r}) >= 0.85 OR damerau_levenshtein({sound_l}, {sound_r}) <= 1"
    return (
        Level("same", f"{part}_l = {part}_r", 0.80, 0.005, common=part),
        Level("sound", f"{sound_l} = {sound_r}", 0.05, 0.002),
        Level("alike", alike, 0.08, 0.03),
    )


# Family and given name in the wrong order; of two names in characters, only when it is the same characters.
TURNED = (
    "surname_sound_l = given_sound_r AND given_sound_l = surname_sound_r AND surname_sound_l <> given_sound_l"
    " AND ((surname_l = given_r AND given_l = surname_r) OR surname_l = surname_sound_l OR surname_r = surname_sound_r)"
)
_BIRTHDAY_BETWEEN = (
    Level("turned", "birthday_l[5:6] = birthday_r[7:8] AND birthday_l[7:8] = birthday_r[5:6]"
                    " AND birthday_l[1:4] = birthday_r[1:4]", 0.01, 0.00005),
    Level("day", "birthday_l[5:8] = birthday_r[5:8]", 0.02, 0.003),
    # Who does not know the day writes the first of January.
    Level("year", "birthday_l[1:4] = birthday_r[1:4] AND '0101' IN (birthday_l[5:8], birthday_r[5:8])", 0.02, 0.0005),
)  # fmt: skip
_HOME = (
    Level("same", "street_l = street_r AND door_l = door_r", 0.60, 0.00001),
    Level("street", "street_l = street_r", 0.15, 0.001, common="street"),
    Level("alike", "jaro_winkler_similarity(street_l, street_r) >= 0.88", 0.10, 0.01),
)
_AREA = (
    Level("same", "area_l = area_r", 0.75, 0.005, common="area"),
    Level("postcode", "postcode_l = postcode_r", 0.05, 0.003),
    Level("alike", "jaro_winkler_similarity(area_l, area_r) >= 0.88", 0.08, 0.01),
)
# By part: the column that must be given on both sides, and the levels from the surest down.
COMPARISONS: Mapping[str, tuple[str, tuple[Level, ...]]] = {
    "surname": ("surname", (Level("turned", TURNED, 0.02, 0.00001), *_name("surname"))),
    "given": ("given", _name("given")),
    "birthday": ("birthday", _slips("birthday", *_BIRTHDAY_BETWEEN, same=0.85, chance=0.00005, common="birthday")),
    "phone": ("phone", _slips("phone", Level("tail", "phone_l[-4:] = phone_r[-4:]", 0.01, 0.0001),
                              same=0.30, chance=0.0000001)),
    "number": ("number", _slips("number", same=0.85, chance=0.0000001)),
    "home": ("street", _HOME),
    "area": ("area", _AREA),
}  # fmt: skip

# What people of one home share. However much of it agrees, it says no more than "somebody of this home": odds of one to two.
OF_A_HOME = frozenset(("surname", "phone", "home", "area"))
ODDS_AT_HOME = 0.5

_WHOLE = "least(surname_sound, given_sound) || ' ' || greatest(surname_sound, given_sound)"
# Two records are compared when they share one of these; every one needs two things to agree, or one rare thing.
BLOCKS = (
    "phone",
    "number",
    _WHOLE,
    f"{_WHOLE} || birthday[1:4]",
    f"{_WHOLE} || birthday[5:8]",
    f"{_WHOLE} || phone[-4:]",
    f"{_WHOLE} || phone[1:7]",
    f"{_WHOLE} || area",
    f"{_WHOLE} || postcode",
    "surname_sound || birthday",
    "given_sound || birthday",
    "birthday || phone[-4:]",
    "birthday || postcode",
    "birthday || street",
    "surname_sound || phone[1:7]",
    "surname_sound || phone[-6:]",
    "given_sound || phone[-6:]",
    "surname_sound || postcode",
    "given_sound || postcode",
    "surname_sound || street",
    "given_sound || street",
    "street || door || area",
)
# Pairs that share these are mostly one person: they teach how alike the other parts of one person are.
LESSONS = (("number",), ("surname", "given", "birthday"), ("phone",), ("surname", "given"), ("birthday",))
# What hardly two people share, for a first idea of how many are there twice, and how much of them it finds.
SURE = ("number", "surname || '|' || given || '|' || birthday", "surname || '|' || given || '|' || phone")
SURE_FINDS = 0.7


def all_levels(part: str) -> tuple[Level, ...]:
    """The levels of a part and, last, that nothing agrees."""
    levels = COMPARISONS[part][1]
    match, chance = (1 - sum(shares) for shares in zip(*((one.match, one.chance) for one in levels), strict=True))
    return (*levels, Level("other", "ELSE", max(match, 0.01), max(chance, 0.01)))
