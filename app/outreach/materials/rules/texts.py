"""Short messages: pieces, signature, how to refuse (R02)."""

import re

REFUSE = "拒收请回复R"
PLACE = re.compile(r"\$\{(\w+)\}", re.ASCII)
ONE_PIECE, LONG_PIECE = 70, 67


def signed(body: str, *, sign: str, kind: str) -> str:
    """The text as it arrives: signature in front, the way to refuse at the end of marketing."""
    closing = f"，{REFUSE}" if kind == "marketing" and REFUSE not in body else ""
    return f"【{sign}】{body}{closing}"


def pieces(text: str) -> int:
    """How many pieces are paid for: one up to 70 characters, else one for each 67; an emoji counts two."""
    count = len(text.encode("utf-16-le")) // 2
    return 1 if count <= ONE_PIECE else -(-count // LONG_PIECE)


def places(body: str) -> set[str]:
    """The provider's parameters in a body: ${points}."""
    return set(PLACE.findall(body))
