"""The platform's XML: small flat documents, read without document types and entities, written with CDATA."""

import re
from typing import Any
from xml.parsers import expat

MOST_LEVELS = 16
# Signs that XML 1.0 cannot hold, not even in CDATA.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class XmlInvalid(ValueError):
    """Not well-formed, or it declares what no push declares."""


class _Reader:
    """Elements become members; a name that comes again makes a list; an element without children is its text."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.open: list[tuple[str, dict[str, Any], list[str]]] = [("", self.root, [])]

    def begins(self, name: str, attributes: Any) -> None:
        if len(self.open) > MOST_LEVELS:
            raise XmlInvalid("too many levels")
        self.open.append((name, {}, []))

    def says(self, text: str) -> None:
        self.open[-1][2].append(text)

    def ends(self, name: str) -> None:
        _, children, words = self.open.pop()
        value: Any = children or "".join(words).strip()
        parent = self.open[-1][1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]


def _refuse(*_: Any) -> None:
    raise XmlInvalid("document types and entities are not read")


def parse(document: bytes | str) -> dict[str, Any]:
    """The members of the root element. Raises XmlInvalid: also for a DOCTYPE, before anything of it is looked at."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begins
    parser.EndElementHandler = reader.ends
    parser.CharacterDataHandler = reader.says
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, ValueError, RecursionError) as error:
        raise XmlInvalid(str(error)) from error
    (found,) = reader.root.values()
    if not isinstance(found, dict):
        raise XmlInvalid("the root element has no members")
    return found


def write(fields: dict[str, Any], name: str = "xml") -> str:
    """A document: texts in CDATA, integers bare, lists as repeated elements."""
    return f"<{name}>{''.join(_element(key, value) for key, value in fields.items())}</{name}>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        return write(value, name)
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    # The only words that CDATA cannot hold are its own end.
    text = _UNWRITABLE.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"
