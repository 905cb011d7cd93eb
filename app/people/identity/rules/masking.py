"""How an id is shown to people other than its holder: enough to tell two apart, too little to use."""

from app.people.identity.rules.kinds import mask_phone

_TAILS = {"card": 4, "crm": 4, "wifi_mac": 4}


def mask(kind: str, value: str) -> str:
    """A value of this kind with its middle hidden."""
    if kind == "phone":
        return mask_phone(value)
    if kind == "email":
        name, _, host = value.partition("@")
        return f"{name[:1]}****@{host}"
    tail = _TAILS.get(kind, 3)
    if len(value) <= 2 * tail:
        return f"{value[:1]}****"
    return f"****{value[-tail:]}" if kind in _TAILS else f"{value[:3]}****{value[-tail:]}"
