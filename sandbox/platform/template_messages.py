"""POST /cgi-bin/message/template/send and /cgi-bin/message/subscribe/bizsend (fact sheet C6, C7)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.platform.subscribe import show_card
from sandbox.platform.template_values import rows_of, values_of
from sandbox.world import Person, Template
from sandbox.world.apps import MINIPROGRAM, OFFICIAL_ACCOUNT, SUBSCRIPTION, TEMPLATE
from sandbox.world.faults import FaultKind
from sandbox.world.received import TEMPLATE as BY_TEMPLATE
from sandbox.world.sending import receive

ID_LENGTH = 43
SAME_SEND_SECONDS = 600.0
NO_LONGER_SHOWN = ("first", "remark")
SUCCESS, USER_BLOCK, SYSTEM_FAILED = "success", "failed:user block", "failed: system failed"


@endpoint("/cgi-bin/message/template/send", method="POST", kind=OFFICIAL_ACCOUNT)
def send(call: Call) -> dict[str, Any]:
    """Accepts a template message for a follower; whether it arrived is told later by TEMPLATESENDJOBFINISH."""
    person, template = _receiver(call), _template(call, channel=TEMPLATE)
    openid, client_msg_id = text(call.body, name="touser"), text(call.body, name="client_msg_id")
    if not person.follows(call.app.appid):
        raise PlatformError(43004)
    key = (call.app.appid, openid, client_msg_id)
    if client_msg_id:
        before = call.world.same_sends.get(key)
        if before is not None and 0 <= call.now - before[0] < SAME_SEND_SECONDS:
            return ok(msgid=before[1])
    if template.banned:
        raise PlatformError(43116)
    target = _miniprogram(call, unreleased=40165)
    values = values_of(call, template=template, passed_over=NO_LONGER_SHOWN)
    _check_frequency(call, openid=openid)
    card = {
        "template_id": template.template_id,
        "title": template.title,
        "rows": rows_of(template, values=values),
        "url": "" if target else text(call.body, name="url"),
        "page": target.get("pagepath", ""),
        "miniprogram": target,
        "client_msg_id": client_msg_id,
    }
    msgid = _deliver(call, person=person, card=card)
    if client_msg_id:
        _remember(call, key=key, msgid=msgid)
    return ok(msgid=msgid)


def _receiver(call: Call) -> Person:
    person = call.world.people.by_openid(call.app.appid, openid=text(call.body, name="touser"))
    if person is None:
        raise PlatformError(40003)
    record = person.followers.get(call.app.appid)
    if record is not None and record.blacklisted:
        raise PlatformError(43019)
    return person


def _template(call: Call, *, channel: str) -> Template:
    """40036 for an id that cannot be one, 40037 for one of nobody's or of the other list."""
    template_id = text(call.body, name="template_id")
    template = call.app.templates.get(template_id)
    if template is None and len(template_id) != ID_LENGTH and channel == TEMPLATE:
        raise PlatformError(40036)
    if template is None or template.channel != channel:
        raise PlatformError(40037)
    return template


def _miniprogram(call: Call, *, unreleased: int) -> dict[str, str]:
    """The page to open, {} when there is none. The mini-program must be one of this world, the page a released one."""
    given = call.body.get("miniprogram")
    if given in (None, {}):
        return {}
    if not isinstance(given, dict):
        raise PlatformError(47001)
    appid, page = text(given, name="appid"), text(given, name="pagepath") or text(given, name="path")
    app = call.world.apps.get(appid)
    if app is None or app.kind != MINIPROGRAM:
        raise PlatformError(40013)
    if page and not app.has_page(page.partition("?")[0].lstrip("/")):
        raise PlatformError(unreleased)
    return {"appid": appid, "pagepath": page}


def _check_frequency(call: Call, *, openid: str) -> None:
    cap = call.world.switches.template_per_person_minute
    if cap and not call.world.quotas.window(f"{call.app.appid} to {openid}", cap=cap, seconds=60, now=call.now):
        raise PlatformError(43117)


def _deliver(call: Call, *, person: Person, card: dict[str, Any]) -> int:
    """The outcome is settled here; the product learns it when the job is said to have finished."""
    msgid = call.world.next_message_id()
    status = SUCCESS
    if FaultKind.SYSTEM_FAILED in call.faults:
        status = SYSTEM_FAILED
    elif not person.accepts_messages or person.follower_of(call.app.appid).blocked:
        status = USER_BLOCK
    if status == SUCCESS:
        message = {**card, "msgid": str(msgid)}
        receive(call.world, person=person, app=call.app, kind=BY_TEMPLATE, message=message)
    fields = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": msgid, "Status": status}
    call.world.push(call.app, person=person, fields=fields, delay=call.world.switches.job_finish_seconds)
    return msgid


def _remember(call: Call, *, key: tuple[str, str, str], msgid: int) -> None:
    """For ten minutes; older ones go, oldest first."""
    sends = call.world.same_sends
    sends.pop(key, None)
    sends[key] = (call.now, msgid)
    while call.now - sends[oldest := next(iter(sends))][0] >= SAME_SEND_SECONDS:
        del sends[oldest]


@endpoint("/cgi-bin/message/subscribe/bizsend", method="POST", kind=OFFICIAL_ACCOUNT)
def bizsend(call: Call) -> dict[str, Any]:
    """A subscription notice of the account: one grant each, followers and others alike."""
    person, template = _receiver(call), _template(call, channel=SUBSCRIPTION)
    values = values_of(call, template=template)
    target = _miniprogram(call, unreleased=41030)
    if call.app.subscribe_banned or template.banned:
        raise PlatformError(43107)
    blocked = call.app.appid in person.followers and person.follower_of(call.app.appid).blocked
    if blocked or not person.has_grant(call.app.appid, template_id=template.template_id):
        raise PlatformError(43101)
    page = target.get("pagepath") or text(call.body, name="page")
    msgid = show_card(call, person=person, template=template, values=values, page=page, miniprogram=target)
    return ok(msgid=msgid) if call.world.switches.send_reply_has_msgid else ok()
