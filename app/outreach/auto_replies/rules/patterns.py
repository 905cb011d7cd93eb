"""Patterns that people of the brand write: read by RE2, which takes time in proportion to the text whatever the pattern.

It has neither look-around nor back-references, the two for which other engines try one way after another; pattern, its
compiled form and the text are limited in size besides (600 characters of a message are looked at).
"""

import functools
from typing import Any, Protocol, cast

import re2

LONGEST = 200
_MEMORY = 1 << 19


class PatternInvalid(ValueError):
    """RE2 does not read it, or it is too large; says why in Chinese."""


class Pattern(Protocol):
    """What is used of RE2's compiled pattern."""

    def search(self, text: str) -> Any: ...


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = False
    options.max_mem = _MEMORY
    return options


@functools.lru_cache(maxsize=2048)
def compile(text: str) -> Pattern:
    """Read a pattern. Raises PatternInvalid."""
    if not text.strip():
        raise PatternInvalid("表达式不能为空")
    if len(text) > LONGEST:
        raise PatternInvalid(f"表达式最多 {LONGEST} 个字符")
    try:
        found = cast(Pattern, re2.compile(text, _options()))
    except re2.error as error:
        said = error.args[0] if error.args else b""
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise PatternInvalid(f"表达式写法有误：{why}") from None
    if found.search(""):
        raise PatternInvalid("这个表达式什么都匹配，会盖住别的回复")
    return found
