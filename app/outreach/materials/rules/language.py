"""The template language of words: plain text with variables, and nothing else.

    {{昵称|顾客}}            the value, or 顾客 where there is none
    {{变动积分}}             the value; a message without it is not sent
    {{ 昵称 or '顾客' }}     the same as the first, as Jinja writes it

Jinja reads the text, so that braces, blanks and quotes mean what its users expect; of what it understands only these are
accepted: no attribute, call, filter, loop, condition or comment. What is accepted becomes a list of pieces; nothing is ever
run, and a value is never read as a template again.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_READER = ImmutableSandboxedEnvironment(keep_trailing_newline=True)
_FRIENDLY = re.compile(r"\{\{\s*([^\W\d]\w*)\s*[|｜]\s*([^{}]*?)\s*\}\}")
# A phone keyboard's braces, and what is left of a variable whose other half was deleted.
_WIDE = re.compile("｛｛|｝｝")
LONGEST = 2000


class TextInvalid(ValueError):
    """A text that is not of this language; says in Chinese what to change."""


@dataclass(frozen=True)
class Variable:
    """Where a value goes. `fallback`: what stands there instead, None where nothing may."""

    name: str
    fallback: str | None = None


@dataclass(frozen=True)
class Text:
    """A text that was understood."""

    pieces: tuple[str | Variable, ...]

    @functools.cached_property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in order, each as often as it stands there."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Variable))

    @functools.cached_property
    def _needed(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.variables if each.fallback is None)

    def missing(self, values: Mapping[str, str]) -> Iterator[str]:
        """Names without a value that have no fallback."""
        return (name for name in self._needed if not values.get(name))

    def fill(self, values: Mapping[str, str], *, each: Callable[[str], str] | None = None) -> str:
        """The text with values in it; `each` is applied to every value before it is put in."""
        said = []
        for piece in self.pieces:
            if isinstance(piece, str):
                said.append(piece)
                continue
            value = values.get(piece.name) or piece.fallback or ""
            said.append(each(value) if each else value)
        return "".join(said)


@functools.lru_cache(maxsize=8192)
def understand(text: str) -> Text:
    """Understand a text, once. Raises TextInvalid."""
    if len(text) > LONGEST:
        raise TextInvalid(f"最多 {LONGEST} 个字")
    if "\0" in text:
        raise TextInvalid("含有不能保存的字符")
    if "{%" in text or "{#" in text:
        raise TextInvalid("只能写文字和变量，不支持 {% %} 和 {# #}")
    if _WIDE.search(text):
        raise TextInvalid("变量要用半角的 {{ }}")
    try:
        body = _READER.parse(_FRIENDLY.sub(_as_jinja, text)).body
    except TemplateSyntaxError:
        raise TextInvalid("有一处 {{ }} 写得不完整，变量写成 {{昵称|顾客}}") from None
    return Text(tuple(_merged(piece for node in body for piece in _pieces(node))))


def _as_jinja(found: re.Match[str]) -> str:
    fallback = found[2].replace("\\", "\\\\").replace("'", "\\'")
    return "{{ " + found[1] + " or '" + fallback + "' }}"


def _pieces(node: nodes.Node) -> Iterator[str | Variable]:
    assert isinstance(node, nodes.Output)  # noqa: S101  (everything else begins with {%)
    for part in node.nodes:
        if isinstance(part, nodes.TemplateData):
            if "}}" in part.data:
                raise TextInvalid("有一处 {{ }} 写得不完整，变量写成 {{昵称|顾客}}")
            yield part.data
        else:
            yield _variable(part)


def _variable(node: nodes.Node) -> Variable:
    if isinstance(node, nodes.Name):
        return Variable(node.name)
    if isinstance(node, nodes.Or) and isinstance(node.left, nodes.Name) and isinstance(node.right, nodes.Const):
        fallback = node.right.value
        if isinstance(fallback, str) and fallback.strip():
            return Variable(node.left.name, fallback)
        raise TextInvalid("竖线后面写没有值时用的文字，例如 {{昵称|顾客}}")
    raise TextInvalid("{{ }} 里只能写变量名和没有值时用的文字，例如 {{昵称|顾客}}")


def _merged(pieces: Iterator[str | Variable]) -> Iterator[str | Variable]:
    said = ""
    for piece in pieces:
        if isinstance(piece, str):
            said += piece
            continue
        if said:
            yield said
            said = ""
        yield piece
    if said:
        yield said
