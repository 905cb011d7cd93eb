"""POST /cgi-bin/message/subscribe/send (fact sheet B5)."""

import secrets
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.content import risky_words_in
from sandbox.platform.errors import TEXTS, PlatformError
from sandbox.platform.field_values import is_allowed, is_empty
from sandbox.world import Person, Template

STATES = ("developer", "trial", "formal")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")


@endpoint("/cgi-bin/message/subscribe/send", method="POST", one_at_a_time=True)
def send(call: Call) -> dict[str, Any]:
    """Shows the card to the person and takes one grant. Nothing is taken when anything is wrong."""
    person = call.world.people.by_openid(call.app.appid, openid=text(call.body, name="touser"))
    if person is None:
        raise PlatformError(40003)
    template = call.app.templates.get(text(call.body, name="template_id"))
    if template is None:
        raise PlatformError(40037)
    _check_manner(call)
    values = _values(call, template=template)
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


def _values(call: Call, *, template: Template) -> dict[str, str]:
    """The values by key, all of them and no other; 47003 names the first key that is wrong."""
    data = call.body.get("data")
    if not isinstance(data, dict):
        raise PlatformError(47003, text=f"{TEXTS[47003]} data is empty")
    values: dict[str, str] = {}
    for key in template.keys:
        field = data.get(key)
        value = field.get("value") if isinstance(field, dict) else field
        if value is None or (isinstance(value, str) and is_empty(value)):
            raise _wrong(key, why="is empty")
        if not isinstance(field, dict) or not isinstance(value, str):
            raise _wrong(key)
        allowed = is_allowed(
            value,
            key=key,
            choices=template.enums.get(key),
            amount_needs_sign=call.world.switches.amount_needs_sign,
        )
        if not allowed:
            raise _wrong(key)
        values[key] = value
    for key in data:
        if key not in values:
            raise _wrong(key)
    if any(risky_words_in(value) for value in values.values()):
        raise PlatformError(45168)
    return values


def _wrong(key: str, *, why: str = "invalid") -> PlatformError:
    return PlatformError(47003, text=f"{TEXTS[47003]} data.{key}.value {why}")


def _deliver(call: Call, *, person: Person, template: Template, values: dict[str, str]) -> int:
    appid, template_id = call.app.appid, template.template_id
    if template_id not in person.always.get(appid, ()):
        person.grants[appid][template_id] -= 1
    msgid = secrets.randbelow(9 * 10**17) + 10**17
    person.receive(
        {
            "msgid": str(msgid),
            "appid": appid,
            "from": call.app.name,
            "template_id": template_id,
            "title": template.title,
            "rows": [{"label": label, "key": key, "value": values[key]} for label, key in template.keywords],
            "page": text(call.body, name="page"),
            "miniprogram_state": text(call.body, name="miniprogram_state") or "formal",
            "at": call.now,
        }
    )
    call.world.touch(person)
    return msgid
