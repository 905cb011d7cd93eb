"""How words would look for chosen people, before anything is sent."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.settings import settings
from app.outreach.materials.queries.people import values_of
from app.outreach.materials.queries.seen import find, list_words
from app.outreach.materials.rules import checking, saying, texts
from app.outreach.materials.rules.checking import Problem
from app.outreach.materials.rules.saying import PurposeView, Rendered, WordsView


@dataclass(frozen=True)
class Preview:
    """What one person would see; with problems, what stands against it. `pieces`: of a text, paid one by one (R02)."""

    customer_id: int | None
    channel: str
    account: str
    rendered: Rendered
    problems: tuple[Problem, ...]
    pieces: int = 0


def preview(
    purpose_code: str, customer_ids: Sequence[int], values: Mapping[str, str], *, now: dt.datetime
) -> list[Preview]:
    """Everything that a purpose says, for each of these people, with the occasion's values; samples where none are given."""
    purpose = find(purpose_code)
    said = list_words([purpose.id]).values()
    return [each for words in said for each in preview_words(words, purpose, customer_ids, values, now=now)]


def preview_words(
    words: WordsView,
    purpose: PurposeView,
    customer_ids: Sequence[int],
    values: Mapping[str, str],
    *,
    now: dt.datetime,
) -> list[Preview]:
    """One channel's words, kept or not yet, for each of these people; for a sample person where nobody is named.

    Raises TextInvalid where the words cannot be understood.
    """
    samples = checking.samples_of(purpose)
    occasion = {name: values.get(name) or samples[name] for name in purpose.variables}
    if not customer_ids:
        return [_shown(words, purpose, None, samples | occasion)]
    wanted = {each.name for text in words.compiled.texts for each in text.variables}
    known = values_of(customer_ids, wanted=wanted, now=now)
    return [_shown(words, purpose, customer_id, known[customer_id] | occasion) for customer_id in customer_ids]


def _shown(words: WordsView, purpose: PurposeView, customer_id: int | None, values: Mapping[str, str]) -> Preview:
    filled = saying.fill(words, values)
    problems = [Problem(f"fields.{key}" if key != "template" else key, why) for key, why in filled.invalid]
    problems += [Problem("values", f"没有{name}，这个人收不到") for name in filled.missing]
    pieces = 0
    if words.channel == "sms":
        pieces = texts.pieces(_signed(filled.rendered.body or "", purpose))
    return Preview(customer_id, words.channel, words.account, filled.rendered, tuple(problems), pieces)


def _signed(body: str, purpose: PurposeView) -> str:
    return texts.signed(body, sign=settings().sms.shown_as, kind=purpose.kind)
