"""POST /cgi-bin/message/subscribe/send (fact sheet B5)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import TEXTS, PlatformError
from sandbox.platform.template_values import rows_of, values_of
from sandbox.world import Person, Template
from sandbox.world.apps import MINIPROGRAM
from sandbox.world.apps import SUBSCRIPTION as BY_GRANT
from sandbox.world.faults import FaultKind
from sandbox.world.received import SUBSCRIPTION
from sandbox.world.sending import receive

STATES = ("developer", "trial", "formal")
SYSTEM_ERROR = 1
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")


@endpoint("/cgi-bin/message/subscribe/send", method="POST", one_at_a_time=True, kind=MINIPROGRAM)
def send(call: Call) -> dict[str, Any]:
    """Shows the card to the person and takes one grant. Nothing is taken when anything is wrong."""
    person = call.world.people.by_openid(call.app.appid, openid=text(call.body, name="touser"))
    if person is None:
        raise PlatformError(40003)
    template = call.app.templates.get(text(call.body, name="template_id"))
    if template is None or template.channel != BY_GRANT:
        raise PlatformError(40037)
    _check_manner(call)
    values = values_of(call, template=template)
    if call.app.subscribe_banned or template.banned:
        raise PlatformError(43107)
    if call.parallel:
        raise PlatformError(43108)
    if not person.has_grant(call.app.appid, template_id=template.template_id):
        raise PlatformError(43101)
    msgid = _deliver(call, person=person, template=template, values=values)
    return ok(msgid=msgid) if call.world.switches.send_reply_has_msgid else ok()


def _check_manner(call: Call) -> None:
    """page, miniprogram_state and lang. Only a formal card is bound to the released pages."""
    state = text(call.body, name="miniprogram_state") or "formal"
    if state not in STATES:
        raise PlatformError(47003, text=f"{TEXTS[47003]} miniprogram_state invalid")
    if (text(call.body, name="lang") or "zh_CN") not in LANGUAGES:
        raise PlatformError(47003, text=f"{TEXTS[47003]} lang invalid")
    page = text(call.body, name="page")
    if page and state == "formal" and not call.app.has_page(page.partition("?")[0].lstrip("/")):
        raise PlatformError(41030)


def _deliver(call: Call, *, person: Person, template: Template, values: dict[str, str]) -> int:
    page, state = text(call.body, name="page"), text(call.body, name="miniprogram_state") or "formal"
    return show_card(call, person=person, template=template, values=values, page=page, miniprogram_state=state)


def show_card(call: Call, *, person: Person, template: Template, values: dict[str, str], **more: Any) -> int:
    """Takes one grant, shows the card, and tells the product so a little later. Returns the message's id."""
    appid, template_id = call.app.appid, template.template_id
    if template_id not in person.always.get(appid, ()):
        person.grants[appid][template_id] -= 1
    msgid = call.world.next_message_id()
    failed = FaultKind.SYSTEM_FAILED in call.faults
    if not failed:
        card = {
            "msgid": str(msgid),
            "template_id": template_id,
            "title": template.title,
            "rows": rows_of(template, values=values),
            **more,
        }
        receive(call.world, person=person, app=call.app, kind=SUBSCRIPTION, message=card)
    call.world.touch(person)
    row = {
        "TemplateId": template_id,
        "MsgID": msgid,
        "ErrorCode": SYSTEM_ERROR if failed else 0,
        "ErrorStatus": "failed: system failed" if failed else "success",
    }
    fields = {"MsgType": "event", "Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": [row]}}
    call.world.push(call.app, person=person, fields=fields, delay=call.world.switches.job_finish_seconds)
    return msgid
