"""Codes of coupons: our own, with a Q for 券, and those that came from outside as they were printed."""

from app.kernel import codes

PREFIX = "Q"


def new_code() -> str:
    """A new code of our own."""
    return codes.new_code(PREFIX)


def code_of(text: str) -> str | None:
    """The code somebody typed or scanned, None when it is none of ours."""
    return codes.code_of(text, PREFIX)


def spellings_of(text: str) -> list[str]:
    """What to look for: our own code where it is one, else an imported code as it was printed."""
    own = code_of(text)
    return [own] if own else [text.strip()]
