"""One call to a gateway for one message that may go. Outside every transaction."""

import html
from collections.abc import Callable, Mapping
from typing import Any

from app.gateways import miniprogram, official_account, sms, voice
from app.gateways.wechat import Accepted
from app.kernel.settings import settings
from app.outreach.messaging.errands.pictures import card_picture
from app.outreach.messaging.operations.verdicts import Go


def send(go: Go) -> Accepted:
    """Send it by its channel. Raises the family of `app.gateways.wechat.refusals.SendFailed` and nothing else.

    Official-account templates carry our id of the message, by which the platform drops doubles within ten minutes; texts
    and calls carry it so that their receipts name it.
    """
    return _CHANNELS[go.channel](go)


def own_id(delivery_id: int) -> str:
    """By which the platform knows a message again: the same for every attempt at a delivery."""
    return f"guiyi-{delivery_id}"


def _miniprogram(go: Go) -> dict[str, str] | None:
    if not go.rendered.page:
        return None
    return {"appid": settings().miniprogram_appid, "pagepath": go.rendered.page}


def _template(go: Go) -> Accepted:
    return official_account.send_template(
        go.account,
        openid=go.address,
        template_id=go.rendered.template_id or "",
        data=go.rendered.data,
        url=go.rendered.link,
        miniprogram=_miniprogram(go),
        client_msg_id=own_id(go.delivery_id),
    )


def _subscription(go: Go) -> Accepted:
    return official_account.send_subscription(
        go.account,
        openid=go.address,
        template_id=go.rendered.template_id or "",
        data=go.rendered.data,
        page=go.rendered.link,
        miniprogram=_miniprogram(go),
    )


def _miniprogram_subscription(go: Go) -> Accepted:
    return miniprogram.send_subscription(
        go.account,
        openid=go.address,
        template_id=go.rendered.template_id or "",
        data=go.rendered.data,
        page=go.rendered.page,
    )


def _service(go: Go) -> Accepted:
    return official_account.send_service(go.account, openid=go.address, message=_card(go) or _said(go))


def _card(go: Go) -> Mapping[str, Any] | None:
    """The mini-program's card, for words that are a title and a page and say nothing else."""
    title, page = go.rendered.data.get("title"), go.rendered.page
    if not (title and page) or go.rendered.body or (picture := card_picture(go.account)) is None:
        return None
    card = {"title": title, "appid": settings().miniprogram_appid, "pagepath": page, "thumb_media_id": picture}
    return {"msgtype": "miniprogrampage", "miniprogrampage": card}


def _said(go: Go) -> Mapping[str, Any]:
    """A text; where it leads somewhere, its last line is what one taps, by the title of its words where they have one."""
    said = [go.rendered.body or ""]
    page, link, title = go.rendered.page, go.rendered.link, html.escape(go.rendered.data.get("title") or "点击查看")
    if page:
        into = f'data-miniprogram-appid="{settings().miniprogram_appid}" data-miniprogram-path="{html.escape(page)}"'
        said.append(f'<a {into} href="{html.escape(link or settings().wechat_mp_base)}">{title}</a>')
    elif link:
        said.append(f'<a href="{html.escape(link)}">{title}</a>')
    return {"msgtype": "text", "text": {"content": "\n".join(filter(None, said))}}


def _text(go: Go) -> Accepted:
    return sms.send(
        phone=go.address,
        sign=settings().sms.shown_as,
        template_code=go.rendered.template_id or "",
        params=go.rendered.data,
        out_id=own_id(go.delivery_id),
    )


def _call(go: Go) -> Accepted:
    return voice.call(
        phone=go.address,
        template_code=go.rendered.template_id or "",
        params=go.rendered.data,
        out_id=own_id(go.delivery_id),
    )


_CHANNELS: Mapping[str, Callable[[Go], Accepted]] = {
    "oa_template": _template,
    "oa_subscription": _subscription,
    "mp_subscription": _miniprogram_subscription,
    "oa_service": _service,
    "sms": _text,
    "voice": _call,
}
