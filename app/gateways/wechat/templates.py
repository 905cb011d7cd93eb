"""Templates of an account, as the platform lists them: of either kind for subscriptions, of official accounts besides."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from app.gateways.wechat.client import ask, fields

LONG_TERM = 3

Kind = Literal["template", "subscription"]
# Older samples of the platform have blanks between the braces.
_FIELD = re.compile(r"([^\n：:{}]*)[：:]?[ \t]*\{\s*\{\s*([A-Za-z_]+\d*)\.DATA\s*\}\s*\}")


@dataclass(frozen=True)
class Template:
    """A template: `fields` are its keys with the words that stand before each on the card, in order.

    `kind` is "template" (模板消息) or "subscription" (订阅通知, 订阅消息): ids of one are none of the other. `choices` are the
    only values of those fields that have a list. `is_long_term`: one grant is good for many messages.
    """

    template_id: str
    kind: Kind
    title: str
    fields: dict[str, str]
    choices: dict[str, tuple[str, ...]]
    content: str
    example: str
    is_long_term: bool = False


def message_templates(appid: str) -> list[Template]:
    """An official account's templates for template messages."""
    answer = fields(ask(appid, "get", "/cgi-bin/template/get_all_private_template"), "template_list")
    return [_template(item, item["template_id"], "template") for item in answer["template_list"]]


def subscription_templates(appid: str) -> list[Template]:
    """The templates for subscriptions of an account of either kind."""
    answer = fields(ask(appid, "get", "/wxaapi/newtmpl/gettemplate"), "data")
    return [_template(item, item["priTmplId"], "subscription") for item in answer["data"]]


def fields_of(content: str) -> dict[str, str]:
    """Keys with their words, out of a template's content: `姓名：{{name1.DATA}}`."""
    return {key: label.strip() for label, key in _FIELD.findall(content)}


def _template(item: dict[str, Any], template_id: str, kind: Kind) -> Template:
    content = str(item.get("content", ""))
    choices = {
        str(listed["keywordCode"]).removesuffix(".DATA"): tuple(listed["enumValueList"])
        for listed in item.get("keywordEnumValueList") or ()
    }
    return Template(
        template_id=str(template_id),
        kind=kind,
        title=str(item.get("title", "")),
        fields=fields_of(content),
        choices=choices,
        content=content,
        example=str(item.get("example", "")),
        is_long_term=item.get("type") == LONG_TERM,
    )
