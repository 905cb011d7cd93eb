"""Messages in the words of the console: channels, places, and what a form holds."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.exceptions import NotFound as NoSuchPage

from app.kernel import clock
from app.kernel.settings import settings
from app.outreach import materials
from app.outreach.materials import Preview, Problem, PurposeView, TextInvalid, WordsView, accounts, fields
from app.reports import profiles

CHANNELS = {
    "oa_template": "模板消息",
    "oa_subscription": "订阅通知",
    "mp_subscription": "小程序订阅",
    "oa_service": "客服消息",
    "sms": "短信",
    "voice": "语音外呼",
}
PLACES = {
    "template_id": "平台模板",
    "body": "内容",
    "link": "网址",
    "page": "小程序页面",
    "enabled": "是否发送",
}
ACTS = {"saved": "改了", "reset": "恢复出厂：", "switched": ""}
DONE = {"saved": "已保存，几秒内生效", "reset": "已恢复出厂文案", "on": "已启用", "off": "已停用，到点也不会发"}
MOST_PEOPLE = 3
PROFILE = materials.PROFILE
# What stands there when a person has no such value, as a first proposal of the editor.
FALLBACKS = {
    "积分": "0",
    "成长值": "0",
    "等级": "会员",
    "姓名": "会员",
    "卡号尾号": "****",
    "门店": "门店",
    "最近购买": "您喜欢的商品",
    "生日月": "生日",
    "入会日期": "入会那天",
}


@dataclass(frozen=True)
class People:
    """Who a preview is for, and what was typed that names nobody."""

    customer_ids: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One field of the form. `label` as the platform shows it, `says` what it may hold."""

    key: str
    label: str
    says: str
    limit: int
    text: str


@dataclass(frozen=True)
class Chosen:
    """A purpose and the channel that is looked at."""

    purpose: PurposeView
    tabs: tuple[WordsView, ...]
    words: WordsView
    templates: tuple[materials.words.TemplateView, ...]

    @property
    def channel(self) -> str:
        """The channel that is looked at."""
        return self.words.channel

    @property
    def account(self) -> str:
        """The account that is looked at; empty for texts and calls."""
        return self.words.account

    @property
    def template(self) -> materials.words.TemplateView | None:
        """The platform's template of the words, where we know it."""
        return next((each for each in self.templates if each.template_id == self.words.template_id), None)

    @property
    def lines(self) -> list[Line]:
        """The fields of the form: the template's, in its order, then what else the words have."""
        known = self.template.fields if self.template else {}
        wanted = [*known, *self.words.fields, *sorted(materials.texts.places(self.words.body or ""))]
        return [self._line(key, known.get(key, {}).get("label", "")) for key in dict.fromkeys(wanted)]

    def _line(self, key: str, label: str) -> Line:
        kind = fields.kind_of(key)
        listed = self.words.choices.get(key)
        by_template = self.channel in ("oa_template", "oa_subscription", "mp_subscription")
        says = "只能是：" + "、".join(listed) if listed else fields.KINDS[kind].says if kind in fields.KINDS else ""
        limit = fields.KINDS[kind].limit if kind in fields.KINDS else 20
        text = self.words.fields.get(key, "")
        return Line(key, label or PLACES.get(key, key), says if by_template else "", limit, text)


def chosen(purpose: PurposeView, asked: Mapping[str, str]) -> Chosen:
    """The purpose with the channel and account that were asked for, or its first. NoSuchPage for others."""
    kept = materials.words.list_words([purpose.id])
    brand = materials.templates.accounts_of_the_brand()
    places = [(channel, account) for channel in purpose.channels for account in brand.of(channel)]
    places += [(channel, account) for _, channel, account in kept if (channel, account) not in places]
    tabs = tuple(kept.get((purpose.id, *place)) or WordsView(purpose.id, *place) for place in places)
    wanted = (asked.get("channel", ""), asked.get("account", ""))
    if not tabs or (wanted[0] and wanted not in places):
        raise NoSuchPage
    words = tabs[places.index(wanted)] if wanted[0] else tabs[0]
    if "template_id" in asked:
        words = replace(words, template_id=asked["template_id"] or None)
    return Chosen(purpose, tabs, words, tuple(materials.words.list_templates(words.channel, account=words.account)))


def with_words(before: Chosen, words: WordsView) -> Chosen:
    """The same with words that are not kept yet."""
    return replace(before, words=words)


def typed(found: Chosen, form: Mapping[str, str]) -> WordsView:
    """The words as the form has them; a field of another template is left behind."""
    known = found.template.fields if found.template else None
    said = {name.removeprefix("fields."): _plain(text) for name, text in form.items() if name.startswith("fields.")}
    kept = {key: text for key, text in said.items() if known is None or key in known}
    more: dict[str, Any] = {name: _plain(form.get(name, "")) or None for name in ("body", "link", "page")}
    return replace(found.words, fields={key: text for key, text in kept.items() if text}, **more)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def people(typed_in: str) -> People:
    """Up to three people by phone or card number."""
    asked = typed_in.replace("，", " ").replace(",", " ").replace("、", " ").split()[:MOST_PEOPLE]
    found = {each: profiles.find_person(each[:40]) for each in asked}
    known = tuple(dict.fromkeys(who for who in found.values() if who is not None))
    return People(known, tuple(each for each, who in found.items() if who is None))


def previews(found: Chosen, whom: People, *, now: dt.datetime) -> list[Preview]:
    """What each of them would see; nothing while the words cannot be understood."""
    try:
        return materials.rendering.preview_words(found.words, found.purpose, whom.customer_ids, {}, now=now)
    except TextInvalid:
        return []


def by_place(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """Problems beside their fields."""
    said: dict[str, list[str]] = {}
    for each in problems:
        said.setdefault(each.place, []).append(each.why)
    return said


def places_shown(channel: str) -> tuple[str, ...]:
    """Which places the form has beside the fields."""
    if channel in ("sms", "voice"):
        return ("template", "body")
    if channel == "oa_service":
        return ("body", "link", "page")
    return ("template", "link", "page") if channel == "oa_template" else ("template", "page")


def states(purposes: Iterable[PurposeView]) -> dict[int, dict[str, str]]:
    """By purpose and channel: ready, changed (the brand's own words), or missing (no words, or no template yet)."""
    kept = materials.words.list_words([each.id for each in purposes])
    brand = materials.templates.accounts_of_the_brand()
    found: dict[int, dict[str, str]] = {}
    for purpose in purposes:
        for channel in purpose.channels:
            mine = [kept.get((purpose.id, channel, account)) for account in brand.of(channel)]
            said = [words for words in mine if words is not None]
            lacking = not said or any(words.template_id is None and channel != "oa_service" for words in said)
            changed = any(not words.builtin for words in said)
            found.setdefault(purpose.id, {})[channel] = "missing" if lacking else "changed" if changed else "ready"
    return found


def shown_name(customer_id: int | None) -> str:
    """Whose preview it is, as staff may see them (G08)."""
    if customer_id is None:
        return "示例"
    person = profiles.get_person(customer_id, now=clock.now())
    return person.person.shown_name if person else "会员"


def account_name(account: str) -> str:
    """What an account is called; nothing for texts and calls."""
    return accounts.account_names().get(account, account)


def place_name(found: Chosen, place: str) -> str:
    """A changed place in the words of the form."""
    key = place.removeprefix("fields.")
    label = found.template.fields.get(key, {}).get("label", "") if found.template else ""
    return label or PLACES.get(key, key)


def valid_for(minutes: int) -> str:
    """How long it is worth sending, as people say it."""
    if minutes < 60:
        return f"{minutes} 分钟内"
    return f"{minutes // 60} 小时内" if minutes < 48 * 60 else f"{minutes // 1440} 天内"


def sign() -> str:
    """What stands before every text."""
    return settings().sms.shown_as
