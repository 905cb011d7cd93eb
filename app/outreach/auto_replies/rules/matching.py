"""Which rule answers what was said: what was said exactly first, then what goes before; and what else may be meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.outreach.auto_replies.rules import patterns
from app.outreach.auto_replies.rules.hearing import normalise

# Scenes and menu keys are compared as they are, words in their one form.
_WORDED = "keyword"
_RANK = {"exact": 0, "prefix": 1, "contains": 2, "pattern": 3, "any": 4}
MOST_GUESSES = 3


@dataclass(frozen=True)
class Rule:
    """A rule as it is matched. `content` is what it says, `saying` the same as it was understood when it was loaded."""

    id: int
    name: str
    account: str
    occasion: str
    matching: str
    words: tuple[str, ...]
    priority: int
    content: Any = field(default=None, compare=False)
    saying: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class _Way:
    """One word of a rule by which it is found."""

    rank: tuple[bool, bool, int, int, int, int]
    word: str
    rule: Rule


class Book:
    """The rules of one account, the brand's own below them, in the order in which they answer.

    An account's rules go before the brand's, then what was said exactly, then the lower priority, then the longer word.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._ways: dict[tuple[str, str], list[_Way]] = {}
        self._exact: dict[tuple[str, str], _Way] = {}
        self._keywords: list[tuple[_Way, frozenset[str]]] = []
        for way in sorted((way for rule in rules for way in _ways(rule)), key=lambda way: way.rank):
            if way.rule.matching == "exact":
                self._exact.setdefault((way.rule.occasion, way.word), way)
            else:
                self._ways.setdefault((way.rule.occasion, ""), []).append(way)
            if way.rule.occasion == _WORDED and way.rule.matching in ("exact", "contains"):
                self._keywords.append((way, _pairs(way.word)))

    def find(self, occasion: str, words: str = "") -> Rule | None:
        """The rule that answers; None where none does."""
        best = self._exact.get((occasion, words))
        for way in self._ways.get((occasion, ""), ()):
            if best is not None and best.rank < way.rank:
                break
            if _meets(way, words):
                return way.rule
        return best.rule if best else None

    def guess(self, words: str) -> list[str]:
        """Three keywords of different rules that may have been meant, the likest first; where nothing is alike, the first.

        Fewer where there are fewer rules.
        """
        pairs = _pairs(words)
        best: dict[int, tuple[float, int, str]] = {}
        for place, (way, own) in enumerate(self._keywords):
            found = (-_likeness(pairs, own), place, way.word)
            if way.rule.id not in best or found < best[way.rule.id]:
                best[way.rule.id] = found
        return [word for _, _, word in sorted(best.values())[:MOST_GUESSES]]


def _ways(rule: Rule) -> Iterable[_Way]:
    words: Sequence[str] = ("",) if rule.matching == "any" else rule.words
    for word in words:
        if rule.occasion == _WORDED and rule.matching != "pattern":
            word = normalise(word)
        if word or rule.matching == "any":
            yield _Way(
                (not rule.account, rule.matching != "exact", rule.priority, _RANK[rule.matching], -len(word), rule.id),
                word,
                rule,
            )


def _meets(way: _Way, words: str) -> bool:
    if way.rule.matching == "contains":
        return way.word in words
    if way.rule.matching == "prefix":
        return words.startswith(way.word)
    if way.rule.matching == "pattern":
        return patterns.compile(way.word).search(words) is not None
    return True


def _pairs(words: str) -> frozenset[str]:
    """Its characters and each two of them that stand together."""
    letters = words.replace(" ", "")
    return frozenset(letters) | frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
