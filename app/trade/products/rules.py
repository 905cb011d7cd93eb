"""What a product may look like."""

import re
from dataclasses import dataclass

# Codes come from tills and shops: printable, no spaces inside, so that they can be typed, scanned and put into a file.
CODE = re.compile(r"[!-~一-鿿]{1,64}")
LONGEST_TEXT = 200
LONGEST_ADDRESS = 1000
MOST_TAGS = 50
LARGEST_PRICE_FEN = 10**11


@dataclass(frozen=True)
class ProductDraft:
    """A product as its source tells it. `code` is the brand's own, `price_fen` the list price with tax."""

    code: str
    name: str
    category: str = ""
    series: str = ""
    colour: str = ""
    tags: tuple[str, ...] = ()
    price_fen: int = 0
    image_url: str = ""
    on_sale: bool = True


def why_not(draft: ProductDraft) -> str | None:
    """The name of the first field that cannot be kept, None when all can."""
    if not CODE.fullmatch(draft.code):
        return "code"
    if not 0 <= draft.price_fen <= LARGEST_PRICE_FEN:
        return "price_fen"
    if len(draft.tags) > MOST_TAGS or not all(_kept(tag, blank=False) for tag in draft.tags):
        return "tags"
    if not _kept(draft.name, blank=False):
        return "name"
    texts = {"category": draft.category, "series": draft.series, "colour": draft.colour}
    if len(draft.image_url) > LONGEST_ADDRESS or not draft.image_url.isprintable():
        return "image_url"
    return next((name for name, text in texts.items() if not _kept(text, blank=True)), None)


def _kept(text: str, *, blank: bool) -> bool:
    return len(text) <= LONGEST_TEXT and text.isprintable() and (blank or bool(text.strip()))
