"""From words and a person's values to what is sent."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from app.outreach.materials.rules import fields, language, texts

# Channels whose words fill a platform template's fields; the others have parameters (SMS, call) or a body of their own.
BY_TEMPLATE = ("oa_template", "oa_subscription", "mp_subscription")
BY_PARAMETER = ("sms", "voice")
NO_TEMPLATE = "选一个平台模板"
LONGEST_PARAMETER = 35  # at Alibaba Cloud, for texts and calls alike


@dataclass(frozen=True)
class PurposeView:
    """A purpose as others see it; the columns of its row.

    `variables`: name → {title, sample}; with `sometimes` where an occasion may come without it.
    """

    id: int
    code: str
    name: str
    kind: str
    channels: tuple[str, ...]
    priority: int
    when_in_doubt: str
    valid_minutes: int
    pressing: bool
    enabled: bool
    builtin: bool
    variables: Mapping[str, Mapping[str, str]]
    changed_at: dt.datetime

    @property
    def certain(self) -> set[str]:
        """Variables that every occasion brings: only they may stand without a fallback."""
        return {name for name, about in self.variables.items() if not about.get("sometimes")}


@dataclass(frozen=True)
class WordsView:
    """A purpose's words in one channel of one account. `choices`: for fields with a list, what the platform's list has.

    `builtin`: they ship and were not changed; `changed_by`: the staff member who did.
    """

    purpose_id: int
    channel: str
    account: str
    template_id: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    link: str | None = None
    page: str | None = None
    builtin: bool = False
    resettable: bool = False
    changed_at: dt.datetime | None = None
    changed_by: int | None = None
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @functools.cached_property
    def compiled(self) -> "Compiled":
        """The texts, understood once for as long as these words live. Raises TextInvalid."""
        return compiled(self)


@dataclass(frozen=True)
class Compiled:
    """Words whose texts were understood."""

    fields: Mapping[str, language.Text]
    body: language.Text | None
    link: language.Text | None
    page: language.Text | None

    @functools.cached_property
    def texts(self) -> list[language.Text]:
        """All of them."""
        return [*self.fields.values(), *(text for text in (self.body, self.link, self.page) if text)]


@dataclass(frozen=True)
class Rendered:
    """What one person is sent.

    By template: `data` by the template's keys. SMS and calls: `data` by the provider's parameters, `body` the text as it
    will be read, without signature. Customer service: `body` is the text. `link`, `page`: where a tap leads.
    """

    template_id: str | None
    data: dict[str, str]
    body: str | None
    link: str | None
    page: str | None


@dataclass(frozen=True)
class Filled:
    """Words with values in them, with what stands against sending it: names without a value, fields that are refused."""

    rendered: Rendered
    missing: tuple[str, ...] = ()
    invalid: tuple[tuple[str, str], ...] = ()


def compiled(words: WordsView) -> Compiled:
    """Understand all texts. Raises TextInvalid."""
    body, link, page = (language.understand(text) if text else None for text in (words.body, words.link, words.page))
    return Compiled({key: language.understand(text) for key, text in words.fields.items()}, body, link, page)


def fill(words: WordsView, values: Mapping[str, str]) -> Filled:
    """Words with values. Raises TextInvalid where the words themselves cannot be understood."""
    understood = words.compiled
    missing = {name: None for text in understood.texts for name in text.missing(values)}
    by_template = words.channel in BY_TEMPLATE
    data: dict[str, str] = {}
    invalid: list[tuple[str, str]] = []
    if words.template_id is None and words.channel != "oa_service":
        invalid.append(("template", NO_TEMPLATE))
    for key, text in understood.fields.items():
        said = text.fill(values)
        data[key] = said = fields.fit(key, said) if by_template else fields.fit("free", said)
        why = fields.why_not(key, said, words.choices.get(key, ())) if by_template else _parameter(words, said)
        if why:
            invalid.append((key, why))
    body = understood.body.fill(values) if understood.body else None
    if body is not None and words.channel in BY_PARAMETER:
        body = texts.PLACE.sub(lambda found: data.get(found[1], found[0]), body)
    rendered = Rendered(
        words.template_id, data, body, _address(understood.link, values), _address(understood.page, values)
    )
    return Filled(rendered, tuple(missing), tuple(invalid))


def _parameter(words: WordsView, said: str) -> str | None:
    if not said:
        return "不能为空"
    too_long = words.channel in BY_PARAMETER and len(said) > LONGEST_PARAMETER
    return f"最多 {LONGEST_PARAMETER} 个字，现在 {len(said)} 个" if too_long else None


def _address(text: language.Text | None, values: Mapping[str, str]) -> str | None:
    """An address with values that cannot leave their place in it; one that is a variable alone stands as it is."""
    if text is None:
        return None
    alone = len(text.pieces) == 1
    return text.fill(values, each=None if alone else lambda value: quote(value, safe=""))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The places that say something else: `template_id`, `body`, `link`, `page`, `fields.<key>`."""
    old, new = before.get("fields") or {}, after.get("fields") or {}
    keys = [f"fields.{key}" for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    return [name for name in ("template_id", "body", "link", "page") if before.get(name) != after.get(name)] + keys


def tracked(rendered: Rendered, *, mark: str, through: str = "") -> Rendered:
    """The same with `d=mark` in its addresses, by which a tap is known again. With `through`, our own address, a link leads
    by way of it: there the tap is counted."""
    link = f"{through}/l/{mark}" if through and rendered.link else _marked(rendered.link, mark)
    return replace(rendered, link=link, page=_marked(rendered.page, mark))


def address_of(words: WordsView, values: Mapping[str, str]) -> str | None:
    """Where the link of these words leads with these values; None without one, or while a value is missing."""
    link = words.compiled.link
    return None if link is None or any(link.missing(values)) else _address(link, values)


def marked(address: str, mark: str) -> str:
    """The address with `d=mark` in it."""
    return _marked(address, mark) or ""


def _marked(address: str | None, mark: str) -> str | None:
    if not address:
        return address
    parts = urlsplit(address)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("d", mark)]
    return urlunsplit(parts._replace(query=urlencode(query)))
