"""A text of the chat as pages show it: plain words and links, never as markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANCHOR = re.compile(r"<a\s[^>]*?>(.*?)</a>", re.DOTALL)
_PAGE = re.compile(r'data-miniprogram-path="([^"]*)"')
_ADDRESS = re.compile(r'href="([^"]*)"')
_SAYS = re.compile(r"msgmenucontent=([^&\"]*)")
_LINK = re.compile(r"\[([^\[\]\n]{1,80})\]\([^()\s]*\)")
_VARIABLE = re.compile(r"\{\{\s*([^{}|｜]+?)\s*(?:[|｜][^{}]*)?\}\}")


@dataclass(frozen=True)
class Piece:
    """Words, and where they lead; empty for words alone."""

    words: str
    target: str = ""


def pieces(said: str) -> Iterator[Piece]:
    """The words and links of a text as it is sent."""
    at = 0
    for found in _ANCHOR.finditer(said):
        if found.start() > at:
            yield Piece(said[at : found.start()])
        yield Piece(found[1], _target(found[0]))
        at = found.end()
    if at < len(said):
        yield Piece(said[at:])


def _target(anchor: str) -> str:
    if page := _PAGE.search(anchor):
        return f"小程序 {page[1]}"
    if says := _SAYS.search(anchor):
        return f"回复 {says[1]}"
    address = _ADDRESS.search(anchor)
    return address[1] if address else ""


def plain(written: str) -> str:
    """A text as it was written, on one line: links by their words, variables by their names."""
    return _VARIABLE.sub(r"〔\1〕", _LINK.sub(r"\1", written)).replace("\n", " ")
