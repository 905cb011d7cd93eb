"""Subscription messages of a mini-program, and the templates they are made from."""

from collections.abc import Mapping
from typing import Any

from app.gateways.wechat.sends import Accepted as Accepted
from app.gateways.wechat.sends import accepted, send
from app.gateways.wechat.templates import Template, subscription_templates

SUBSCRIPTION = "/cgi-bin/message/subscribe/send"


def send_subscription(
    appid: str, *, openid: str, template_id: str, data: Mapping[str, str], page: str | None = None
) -> Accepted:
    """A subscription message, which uses up one grant of this person for this template (43101: none is left). There is no
    key against sending it twice; two at once to one person are refused (43108)."""
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": template_id,
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        "data": {name: {"value": value} for name, value in data.items()},
    }
    if page:
        body["page"] = page
    return accepted(send(appid, SUBSCRIPTION, body, kind="miniprogram"))


def templates(appid: str) -> list[Template]:
    """The templates of a mini-program."""
    return subscription_templates(appid)
