"""How the platform writes what it pushes: XML with CDATA for texts, or JSON (fact sheet C2 to C4, B5)."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

SUBSCRIPTION_EVENTS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def to_xml(fields: Mapping[str, Any]) -> str:
    """Texts in CDATA; numbers (int, float, Decimal) bare; a list repeats its element."""
    return "<xml>\n" + "".join(f"{_element(name, value=value)}\n" for name, value in fields.items()) + "</xml>"


def _element(name: str, *, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, value=one) for one in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(inner, value=one) for inner, one in value.items())}</{name}>"
    if isinstance(value, int | float | Decimal):
        return f"<{name}>{value}</{name}>"
    return f"<{name}>{cdata(str(value))}</{name}>"


def cdata(text: str) -> str:
    """`]]>` inside a text is split, so that it cannot end the section."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def to_json(fields: Mapping[str, Any]) -> str:
    """Subscription events carry List at the top, an object for one template and an array for several, and texts for
    every number; other pushes keep numbers."""
    wrapper = SUBSCRIPTION_EVENTS.get(str(fields.get("Event", "")))
    if wrapper is None or wrapper not in fields:
        return _dumped({name: _plain(value) for name, value in fields.items()})
    flat = {name: value if isinstance(value, str) else str(value) for name, value in fields.items() if name != wrapper}
    rows = [{name: str(value) for name, value in row.items()} for row in fields[wrapper]["List"]]
    return _dumped({**flat, "List": rows[0] if len(rows) == 1 else rows})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _dumped(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def sealed_xml(encrypted: str, *, to: str) -> str:
    """The body of secure mode."""
    return f"<xml>\n<ToUserName>{cdata(to)}</ToUserName>\n<Encrypt>{cdata(encrypted)}</Encrypt>\n</xml>"


def sealed_json(encrypted: str, *, to: str) -> str:
    return _dumped({"ToUserName": to, "Encrypt": encrypted})
