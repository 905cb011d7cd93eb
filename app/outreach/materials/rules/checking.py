"""Whether words can be sent to whoever they are for: checked when they are saved, again with each person's values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from app.outreach.materials.rules import fields, language, saying, texts, wording
from app.outreach.materials.rules.profile import PROFILE, SAMPLES
from app.outreach.materials.rules.saying import PurposeView, WordsView


@dataclass(frozen=True)
class Problem:
    """What to change, and where: `template`, `body`, `link`, `page`, or `fields.<key>`."""

    place: str
    why: str


def samples_of(purpose: PurposeView) -> dict[str, str]:
    """A value for every variable that the words of this purpose may use."""
    return SAMPLES | {name: str(about.get("sample", "")) for name, about in purpose.variables.items()}


def problems(words: WordsView, purpose: PurposeView, known: Mapping[str, Mapping[str, object]] | None) -> list[Problem]:
    """Everything that stands against these words. `known`: the platform template's fields, None where not told yet."""
    written = list(_written(words))
    understood = [problem for place, text in written for problem in _not_understood(place, text, purpose)]
    found = [*_structure(words, purpose, known), *understood, *_flagged(written)]
    if not understood:
        found += _said(words, purpose)
    return list(dict.fromkeys(found))


def _written(words: WordsView) -> Iterator[tuple[str, str]]:
    yield from ((f"fields.{key}", text) for key, text in words.fields.items())
    yield from ((name, text) for name in ("body", "link", "page") if (text := getattr(words, name)))


def _not_understood(place: str, text: str, purpose: PurposeView) -> Iterator[Problem]:
    try:
        variables = language.understand(text).variables
    except language.TextInvalid as error:
        yield Problem(place, str(error))
        return
    for variable in variables:
        if variable.name not in purpose.variables and variable.name not in PROFILE:
            yield Problem(place, f"没有“{variable.name}”这个变量")
        elif variable.name not in purpose.certain and variable.fallback is None:
            yield Problem(place, f"{variable.name}不一定有，写上没有时用的文字，例如 {{{{{variable.name}|顾客}}}}")


def _flagged(written: list[tuple[str, str]]) -> Iterator[Problem]:
    for place, text in written:
        if place not in ("link", "page"):
            yield from (Problem(place, f"“{flag.word}”：{flag.reason}") for flag in wording.flags(text))


def _structure(
    words: WordsView, purpose: PurposeView, known: Mapping[str, Mapping[str, object]] | None
) -> Iterator[Problem]:
    if words.channel != "oa_service" and not words.template_id:
        yield Problem("template", saying.NO_TEMPLATE)
    if words.channel in saying.BY_TEMPLATE:
        yield from _keys(words, known)
    elif not ((words.body or "").strip() or _is_card(words)):
        yield Problem("body", "写上内容")
    elif words.channel in saying.BY_PARAMETER:
        yield from _parameters(words, marketing=purpose.kind == "marketing")
    link = words.link or ""
    if link and not link.startswith("{{") and (urlsplit(link).scheme != "https" or not urlsplit(link).netloc):
        yield Problem("link", "网址以 https:// 开头")
    if (words.page or "").startswith(("http", "/")):
        yield Problem("page", "写小程序页面的路径，例如 pages/points/index")


def _is_card(words: WordsView) -> bool:
    """A title and a page and nothing else: the mini-program's card in the chat."""
    return words.channel == "oa_service" and bool(words.fields.get("title") and words.page)


def _keys(words: WordsView, known: Mapping[str, Mapping[str, object]] | None) -> Iterator[Problem]:
    if known is None:
        if not words.fields:
            yield Problem("template", "模板还没有字段")
        return
    for key in known.keys() - words.fields.keys():
        yield Problem(f"fields.{key}", "模板有这个字段，要写上内容")
    for key in words.fields.keys() - known.keys():
        yield Problem(f"fields.{key}", "模板里没有这个字段")


def _parameters(words: WordsView, *, marketing: bool) -> Iterator[Problem]:
    if marketing and words.channel == "sms" and texts.REFUSE not in (words.body or ""):
        yield Problem("body", f"营销短信要写上“{texts.REFUSE}”")
    wanted = texts.places(words.body or "")
    for key in wanted - words.fields.keys():
        yield Problem(f"fields.{key}", f"内容里有 ${{{key}}}，要写上它是什么")
    for key in words.fields.keys() - wanted:
        yield Problem(f"fields.{key}", f"内容里没有 ${{{key}}}")


def _said(words: WordsView, purpose: PurposeView) -> Iterator[Problem]:
    """With samples, and again with nothing known of the person, so that fallbacks are looked at too."""
    samples = samples_of(purpose)
    occasion = {name: value for name, value in samples.items() if name in purpose.certain}
    for values in (samples, occasion):
        filled = saying.fill(replace(words), values)
        yield from (Problem(f"fields.{key}", why) for key, why in filled.invalid if key != "template")
    yield from _cut(words)


def _cut(words: WordsView) -> Iterator[Problem]:
    """What is long before any value is in it would be cut for everybody."""
    for key, text in words.fields.items() if words.channel in saying.BY_TEMPLATE else ():
        said = "".join(piece for piece in language.understand(text).pieces if isinstance(piece, str))
        kind = fields.kind_of(key)
        if kind in fields.KINDS and fields.length(said) > (limit := fields.limit_of(kind, said)):
            yield Problem(f"fields.{key}", f"最多 {limit} 个字符，现在 {fields.length(said)} 个")
        if any(char in said for char in "\r\n"):
            yield Problem(f"fields.{key}", "不能换行")


def pieces_of(words: WordsView, purpose: PurposeView, *, sign: str) -> int:
    """How many pieces a text of these words is with samples in it (R02: cost shown before)."""
    body = saying.fill(words, samples_of(purpose)).rendered.body or ""
    return texts.pieces(texts.signed(body, sign=sign, kind=purpose.kind))
