"""Columns of ids and times brought into their one form, all distinct values at once; proven equal to one by one by a test."""

import datetime as dt
import zoneinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.people.identity.rules.kinds import KINDS, LONGEST, NotAnIdentifier, is_blocked, normalise

# What is plain enough to be brought into form without looking at each: no blanks, nothing beyond ASCII.
_PLAIN = rf"^[!-~]{{1,{LONGEST}}}$"
_EASY = {
    "phone": r"^(?:\+86|0086|86)?1[3-9][0-9]{9}$",
    "email": rf"^[!-?A-~]{{1,{LONGEST}}}@[!-?A-~]+\.[!-?A-~]+$",
    "exact": _PLAIN,
    "code": _PLAIN,
}
_ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
_ZONED = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"
_SECOND = 1_000_000
Microseconds = npt.NDArray[np.int64]
NO_TIME = np.iinfo(np.int64).min


def normalise_all(kind: str, values: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """The one form of each value as `normalise` gives it, null where it is no id of this kind; and why, by its place."""
    form = KINDS[kind].form
    easy = pc.match_substring_regex(values, _EASY[form])
    if form == "email":
        easy = pc.and_(easy, pc.less_equal(pc.utf8_length(values), LONGEST))
    plain = _in_form(form, values)
    if (hard := np.flatnonzero(~easy.to_numpy(zero_copy_only=False))).size == 0:
        return plain, {}
    found = plain.to_pylist()
    wrong: dict[int, str] = {}
    for place in hard.tolist():
        try:
            found[place] = normalise(kind, values[place].as_py())
        except NotAnIdentifier as error:
            found[place], wrong[place] = None, str(error)
    return pa.array(found, pa.string()), wrong


_ONE_SIGN = "|".join(f"{number}{{8}}" for number in range(10))
_SUSPICIOUS_PHONE = rf"^\+86(?:13800138000|1[0-9]{{2}}(?:{_ONE_SIGN}))$"
_TWO_SIGNS = r"^[0-9A-Za-z]{2}"
_LONGEST_WORD = 10


def is_anybody(kind: str, values: pa.Array) -> npt.NDArray[np.bool_]:
    """Which normalised values name anybody: `is_blocked` for many, the other way round; null names nobody."""
    form = KINDS[kind].form
    if form == "phone":
        suspicious = pc.match_substring_regex(values, _SUSPICIOUS_PHONE)
    elif form == "email":
        suspicious = pc.is_valid(values)
    else:
        differ = pc.not_equal(pc.utf8_slice_codeunits(values, 0, 1), pc.utf8_slice_codeunits(values, 1, 2))
        plain = pc.and_(differ, pc.match_substring_regex(values, _TWO_SIGNS))
        suspicious = pc.or_(pc.invert(plain), pc.less_equal(pc.utf8_length(values), _LONGEST_WORD))
    anybody: npt.NDArray[np.bool_] = values.is_valid().to_numpy(zero_copy_only=False).copy()
    for place in np.flatnonzero(suspicious.fill_null(False).to_numpy(zero_copy_only=False)).tolist():
        anybody[place] = not is_blocked(kind, values[place].as_py())
    return anybody


def _in_form(form: str, values: pa.Array) -> pa.Array:
    if form == "phone":
        return pc.binary_join_element_wise("+86", pc.utf8_slice_codeunits(values, -11), "")
    if form == "email":
        return pc.ascii_lower(values)
    return pc.ascii_upper(values) if form == "code" else values


def moments(texts: pa.Array) -> Microseconds:
    """Microseconds since 1970 of ISO 8601 times, Shanghai's where no zone is told; NO_TIME where it is no time."""
    zoned = pc.match_substring_regex(texts, _ZONED)
    for these, kind in ((zoned, pa.timestamp("us", "UTC")), (pc.invert(zoned), pa.timestamp("us"))):
        if pc.all(these, min_count=0).as_py():  # all are of one form, as files are: no look at each
            try:
                times = texts.cast(kind)
                if kind.tz is None:
                    times = pc.assume_timezone(times, _ZONE.key, ambiguous="earliest", nonexistent="latest")
                return np.asarray(times.cast(pa.int64()).fill_null(NO_TIME))
            except pa.ArrowInvalid:
                break
    distinct = texts.dictionary_encode()
    known = np.array([_moment(text) for text in distinct.dictionary.to_pylist()] + [NO_TIME], dtype=np.int64)
    places: Microseconds = np.asarray(distinct.indices.fill_null(len(known) - 1))
    return known[places]


def _moment(text: str) -> int:
    try:
        told = dt.datetime.fromisoformat(text.strip())
        at = told if told.tzinfo else told.replace(tzinfo=_ZONE)
        return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return NO_TIME
