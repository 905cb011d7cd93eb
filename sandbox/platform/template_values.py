"""The `data` of a message against its template (fact sheet B5, C6)."""

from collections.abc import Collection
from typing import Any

from sandbox.platform.calls import Call
from sandbox.platform.content import risky_words_in
from sandbox.platform.errors import TEXTS, PlatformError
from sandbox.platform.field_values import is_allowed, is_empty, type_of
from sandbox.world import Template


def values_of(call: Call, *, template: Template, passed_over: Collection[str] = ()) -> dict[str, str]:
    """The values by key, all of them and no other except those passed over; 47003 names the first key that is wrong."""
    data = call.body.get("data")
    if not isinstance(data, dict):
        raise PlatformError(47003, text=f"{TEXTS[47003]} data is empty")
    values: dict[str, str] = {}
    for key in template.keys:
        if key in passed_over and key not in data:
            continue
        field = data.get(key)
        value = field.get("value") if isinstance(field, dict) else field
        if value is None or (isinstance(value, str) and is_empty(value)):
            raise _wrong(key, why="is empty")
        if not isinstance(field, dict) or not isinstance(value, str):
            raise _wrong(key)
        if not _allowed(call, value=value, key=key, template=template):
            raise _wrong(key)
        values[key] = value
    for key in data:
        if key not in values and key not in passed_over:
            raise _wrong(key)
    if any(risky_words_in(value) for value in values.values()):
        raise PlatformError(45168)
    return values


def _allowed(call: Call, *, value: str, key: str, template: Template) -> bool:
    switches = call.world.switches
    if switches.time_takes_date and type_of(key) == "time" and is_allowed(value, key="date1"):
        return True
    return is_allowed(value, key=key, choices=template.enums.get(key), amount_needs_sign=switches.amount_needs_sign)


def rows_of(template: Template, *, values: dict[str, str]) -> list[dict[str, Any]]:
    """What the card shows, in its order."""
    return [{"label": label, "key": key, "value": values[key]} for label, key in template.keywords if key in values]


def _wrong(key: str, *, why: str = "invalid") -> PlatformError:
    return PlatformError(47003, text=f"{TEXTS[47003]} data.{key}.value {why}")
