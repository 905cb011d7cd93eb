"""Messages: to one follower by template, by subscription, by customer service; to many at once by tag."""

from collections.abc import Mapping
from typing import Any

from app.gateways.wechat.sends import Accepted as Accepted
from app.gateways.wechat.sends import accepted, send

TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"
SERVICE = "/cgi-bin/message/custom/send"
MASS = "/cgi-bin/message/mass/sendall"
SAME_MASS_ID = 45065


def send_template(
    appid: str,
    *,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    url: str | None = None,
    miniprogram: Mapping[str, str] | None = None,
    client_msg_id: str | None = None,
) -> Accepted:
    """A template message. `miniprogram` is appid and pagepath and goes before `url`. The same `client_msg_id` to the same
    person within ten minutes is one message; the receipt is the event TEMPLATESENDJOBFINISH with the same msgid."""
    body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": values(data)}
    if url:
        body["url"] = url
    if miniprogram:
        body["miniprogram"] = dict(miniprogram)
    if client_msg_id:
        body["client_msg_id"] = client_msg_id
    return accepted(send(appid, TEMPLATE, body, kind="official_account"))


def send_subscription(
    appid: str,
    *,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    page: str | None = None,
    miniprogram: Mapping[str, str] | None = None,
) -> Accepted:
    """A subscription notice of the official account, which uses up one grant. There is no key against sending it twice."""
    body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": values(data)}
    if page:
        body["page"] = page
    if miniprogram:
        body["miniprogram"] = dict(miniprogram)
    return accepted(send(appid, SUBSCRIPTION, body, kind="official_account"))


def send_service(appid: str, *, openid: str, message: Mapping[str, Any]) -> Accepted:
    """A customer-service message: `message` is the platform's msgtype and its object. Only within the window that the
    person's own doing opened (45015, 45047); there is no key against sending it twice."""
    return accepted(send(appid, SERVICE, {"touser": openid, **message}, kind="official_account"))


def mass_send(appid: str, *, tag_id: int | None, message: Mapping[str, Any], client_msg_id: str) -> Accepted:
    """To all followers with a tag, or to all with None. The same `client_msg_id` (up to 64 bytes) within a day is one
    mass send and gives the first one's id; the outcome comes with the event MASSSENDJOBFINISH."""
    to = {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
    body = {"filter": to, "clientmsgid": client_msg_id, **message}
    answer = send(appid, MASS, body, kind="official_account", also=frozenset({SAME_MASS_ID}))
    return accepted(answer, "msg_id")


def values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Fields as the platform wants them."""
    return {name: {"value": value} for name, value in data.items()}
