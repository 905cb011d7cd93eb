"""Templates that an account has chosen from the platform's library."""

from collections.abc import Sequence
from typing import Any

from app.gateways.wechat.client import ask, fields
from app.gateways.wechat.templates import Template as Template
from app.gateways.wechat.templates import message_templates, subscription_templates


def read(appid: str) -> list[Template]:
    """The account's templates for template messages."""
    return message_templates(appid)


def read_subscriptions(appid: str) -> list[Template]:
    """The account's templates for subscription notices."""
    return subscription_templates(appid)


def add(appid: str, short_id: str, keywords: Sequence[str] = ()) -> str:
    """Choose a template of the library, with its keywords for those of a category; gives its id. 25 an account."""
    body: dict[str, Any] = {"template_id_short": short_id}
    if keywords:
        body["keyword_name_list"] = list(keywords)
    return str(
        fields(ask(appid, "post", "/cgi-bin/template/api_add_template", data=body), "template_id")["template_id"]
    )


def delete(appid: str, template_id: str) -> None:
    """Give a template up."""
    ask(appid, "post", "/cgi-bin/template/del_private_template", data={"template_id": template_id})
