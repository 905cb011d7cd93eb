"""What may go is handed to the gateway of its channel: outside any transaction, once for each attempt."""

from collections.abc import Callable, Mapping
from typing import Any

from app.gateways import miniprogram, official_account, sms, voice
from app.gateways.wechat import Accepted
from app.kernel.settings import settings
from app.outreach.messaging.operations.judging import Go


def send(go: Go) -> Accepted:
    """Send it. Raises the gateways' SendFailed and nothing else for what the other side says or leaves unsaid."""
    return _SENDERS[go.channel](go)


def own_id(delivery_id: int) -> str:
    """By which the platform knows a message again: the same for every attempt at a delivery."""
    return f"guiyi-{delivery_id}"


def _template(go: Go) -> Accepted:
    return official_account.send_template(
        go.account,
        openid=go.address,
        template_id=go.rendered.template_id or "",
        data=go.rendered.data,
        url=go.rendered.link,
        miniprogram=_page(go),
        client_msg_id=own_id(go.delivery_id),
    )


def _oa_subscription(go: Go) -> Accepted:
    return official_account.send_subscription(
        go.account,
        openid=go.address,
        template_id=go.rendered.template_id or "",
        data=go.rendered.data,
        page=go.rendered.link,
        miniprogram=_page(go),
    )


def _mp_subscription(go: Go) -> Accepted:
    return miniprogram.send_subscription(
        go.account,
        openid=go.address,
        template_id=go.rendered.template_id or "",
        data=go.rendered.data,
        page=go.rendered.page,
    )


def _service(go: Go) -> Accepted:
    message: dict[str, Any] = {"msgtype": "text", "text": {"content": go.rendered.body or ""}}
    return official_account.send_service(go.account, openid=go.address, message=message)


def _sms(go: Go) -> Accepted:
    return sms.send(
        phone=go.address,
        sign="",
        template_code=go.rendered.template_id or "",
        params=go.rendered.data,
        out_id=own_id(go.delivery_id),
    )


def _voice(go: Go) -> Accepted:
    return voice.call(
        phone=go.address,
        template_code=go.rendered.template_id or "",
        params=go.rendered.data,
        out_id=own_id(go.delivery_id),
    )


def _page(go: Go) -> dict[str, str] | None:
    if not go.rendered.page:
        return None
    return {"appid": settings().miniprogram_appid, "pagepath": go.rendered.page}


_SENDERS: Mapping[str, Callable[[Go], Accepted]] = {
    "oa_template": _template,
    "oa_subscription": _oa_subscription,
    "mp_subscription": _mp_subscription,
    "oa_service": _service,
    "sms": _sms,
    "voice": _voice,
}
