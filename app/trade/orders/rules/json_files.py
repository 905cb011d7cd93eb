"""Files of JSON: one object a line, or one array of objects; read piece by piece, so that size does not matter."""

import json
from collections.abc import Iterator
from typing import TextIO

from app.trade.orders.rules.reading import NO_DEFAULTS, Defaults, Reading, Unreadable, report_of

PIECE = 65_536
# One order is never this long; without a limit a file without its closing bracket would be read into memory whole.
LONGEST_ITEM = 4 * 1024 * 1024


def read_json(stream: TextIO, defaults: Defaults = NO_DEFAULTS) -> Iterator[Reading]:
    """The orders of a file, in its order. In an array `lines` counts the items."""
    first = stream.readline(PIECE)
    while first and not first.strip():
        first = stream.readline(PIECE)
    if first.lstrip("\ufeff \t").startswith("["):
        yield from _array(first.lstrip("\ufeff \t")[1:], stream, defaults)
    else:
        yield from _lines(first, stream, defaults)


def _lines(first: str, stream: TextIO, defaults: Defaults) -> Iterator[Reading]:
    line, number = first, 1
    while line:
        if len(line) >= LONGEST_ITEM:
            yield Reading((number,), reason="line: too long")
            return
        if line.endswith("\n") or not (more := stream.readline(LONGEST_ITEM - len(line))):
            if line.strip():
                yield _reading(number, line, defaults)
            line, number = stream.readline(LONGEST_ITEM), number + 1
        else:
            line += more


def _reading(number: int, text: str, defaults: Defaults) -> Reading:
    try:
        return Reading((number,), report=report_of(json.loads(text), defaults))
    except Unreadable as wrong:
        return Reading((number,), reason=str(wrong))
    except (ValueError, RecursionError):
        return Reading((number,), reason="line: not JSON")


def _array(buffer: str, stream: TextIO, defaults: Defaults) -> Iterator[Reading]:
    decoder, number, ended = json.JSONDecoder(), 0, False
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        try:
            if not buffer:
                raise ValueError
            item, end = decoder.raw_decode(buffer)
        except (ValueError, RecursionError):
            if ended or len(buffer) > LONGEST_ITEM:
                # Nobody can tell where the next item begins: what follows is not read, and it is said so.
                yield Reading((number + 1,), reason="array: not JSON from here on, the rest was not read")
                return
            piece = stream.read(PIECE)
            buffer, ended = buffer + piece, not piece
            continue
        buffer, number = buffer[end:], number + 1
        try:
            yield Reading((number,), report=report_of(item, defaults))
        except Unreadable as wrong:
            yield Reading((number,), reason=str(wrong))
