"""What people do with their phones."""

import hashlib
import json
from typing import Any

from sandbox.world import ids, open_data
from sandbox.world.apps import LONG_TERM, SUBSCRIPTION, App, BadWorldInput
from sandbox.world.codes import Code, CodeKind
from sandbox.world.people import Person
from sandbox.world.world import World

ASKED_AT_ONCE = 3
IN_MINIPROGRAM, ON_PAGE = 0, 2
CLIENT_ERRORS = {
    10001: "TmplIds can't be empty",
    20001: "No template data return, verify the template id exist",
    20002: "Templates type must be same",
    20003: "Templates count out of max bounds",
    20004: "The main switch is switched off",
    20005: "This mini program was banned from subscribing messages",
}


def open_miniprogram(
    world: World, *, person: Person, app: App, code: str | None = None, session_key: str | None = None
) -> dict[str, Any]:
    """wx.login: a fresh login code, and a new session key. The person counts as a visitor from now on."""
    now = world.now()
    kept = person.sessions.get(app.appid) if world.switches.session_key_kept_on_open else None
    if kept is not None and session_key is None and now < kept.expires_at:
        kept.visited_at = now
    else:
        person.log_in(app.appid, now=now, session_key=session_key)
    issued = _issue(world, kind=CodeKind.LOGIN, code=code or ids.login_code(), owner=(person, app))
    return {"code": issued.code, "expires_in": 300, "openid": person.openid_in(app.appid), "errMsg": "login:ok"}


def press_phone_button(
    world: World, *, person: Person, app: App, allow: bool = True, code: str | None = None
) -> dict[str, Any]:
    """The phone button: a phone code when the person allows it, as `wx` hands it to the page."""
    if not allow:
        return {"errMsg": "getPhoneNumber:fail user deny"}
    if app.personal:
        return {"errMsg": "getPhoneNumber:fail no permission"}
    if app.phone_quota is not None:
        if app.phone_quota <= 0:
            return {"errMsg": "getPhoneNumber:fail quota exceeded", "errno": 1400001}
        app.phone_quota -= 1
        world.touch(app)
    issued = _issue(world, kind=CodeKind.PHONE, code=code or ids.phone_code(), owner=(person, app))
    return {"code": issued.code, "expires_in": 300, "errMsg": "getPhoneNumber:ok"}


def _issue(world: World, *, kind: CodeKind, code: str, owner: tuple[Person, App]) -> Code:
    person, app = owner
    issued = Code(code=code, kind=kind, appid=app.appid, person_id=person.person_id, issued_at=world.now())
    world.codes.issue(issued)
    if app.appid in person.sessions:
        person.sessions[app.appid].visited_at = world.now()
    world.touch(person)
    return issued


def answer_subscription(
    world: World, *, person: Person, app: App, answers: dict[str, str], always: bool = False
) -> dict[str, Any]:
    """wx.requestSubscribeMessage: `answers` is template id -> accept or reject. Each accept of a one-time template
    adds one grant; a long-term template stays accepted until cancelled. The product is told what was chosen. An
    official account asks by wx-open-subscribe on a web page: the same, with another PopupScene."""
    problem = _cannot_ask(person, app=app, answers=answers)
    if problem:
        return {"errCode": problem, "errMsg": f"requestSubscribeMessage:fail {CLIENT_ERRORS[problem]}"}
    shown: dict[str, str] = {}
    titles: set[str] = set()
    for template_id, wish in answers.items():
        template = app.templates[template_id]
        if template.banned:
            shown[template_id] = "ban"
        elif template.title in titles:
            shown[template_id] = "filter"
        else:
            shown[template_id] = wish
            titles.add(template.title)
        if shown[template_id] == "accept":
            _grant(person, appid=app.appid, template_id=template_id, long_term=template.kind == LONG_TERM)
    world.touch(person)
    chosen = {template_id: wish for template_id, wish in shown.items() if wish in ("accept", "reject")}
    if chosen:
        scene = {"PopupScene": ON_PAGE if app.is_account else IN_MINIPROGRAM}
        _tell(world, person=person, app=app, event="Popup", answers=chosen, **scene)
    return {**shown, "errMsg": "requestSubscribeMessage:ok"}


def _cannot_ask(person: Person, *, app: App, answers: dict[str, str]) -> int:
    if not answers:
        return 10001
    if len(answers) > ASKED_AT_ONCE:
        return 20003
    known = [app.templates.get(template_id) for template_id in answers]
    if any(template is None or template.channel != SUBSCRIPTION for template in known):
        return 20001
    if len({app.templates[template_id].kind for template_id in answers}) > 1:
        return 20002
    if app.subscribe_banned:
        return 20005
    if not person.accepts_messages:
        return 20004
    wrong = sorted(set(answers.values()) - {"accept", "reject"})
    if wrong:
        raise BadWorldInput(f"an answer is accept or reject, not {wrong[0]}")
    return 0


def _grant(person: Person, *, appid: str, template_id: str, long_term: bool) -> None:
    if long_term:
        kept = person.always.setdefault(appid, [])
        if template_id not in kept:
            kept.append(template_id)
        return
    mine = person.grants.setdefault(appid, {})
    mine[template_id] = mine.get(template_id, 0) + 1


def cancel_subscription(world: World, *, person: Person, app: App, template_id: str) -> int:
    """The person switches a template off in WeChat's settings; returns how many grants were lost."""
    lost = person.grants.get(app.appid, {}).pop(template_id, 0)
    kept = person.always.get(app.appid, [])
    if template_id in kept:
        kept.remove(template_id)
        lost += 1
    world.touch(person)
    _tell(world, person=person, app=app, event="Change", answers={template_id: "reject"})
    return lost


def _tell(world: World, *, person: Person, app: App, event: str, answers: dict[str, str], **more: int) -> None:
    rows = [{"TemplateId": template_id, "SubscribeStatusString": wish, **more} for template_id, wish in answers.items()]
    name, wrapper = f"subscribe_msg_{event.lower()}_event", f"SubscribeMsg{event}Event"
    world.push(app, person=person, fields={"MsgType": "event", "Event": name, wrapper: {"List": rows}})


def open_data_of(world: World, *, person: Person, app: App, group: str | None = None) -> dict[str, Any]:
    """rawData, signature, encryptedData and iv as the page receives them, made with the current session key."""
    now = int(world.now())
    session = person.sessions.get(app.appid) or person.log_in(app.appid, now=now)
    watermark = {"timestamp": now, "appid": app.appid}
    profile: dict[str, Any] = {
        "nickName": "微信用户", "gender": 0, "language": "", "city": "", "province": "", "country": "",
        "avatarUrl": "https://thirdwx.qlogo.cn/mmopen/vi_32/default/132",
    }  # fmt: skip
    if group is not None:
        secret: dict[str, Any] = {"openGId": _open_gid(group, appid=app.appid), "watermark": watermark}
    else:
        union = {"unionId": person.unionid} if app.bound else {}
        secret = {"openId": person.openid_in(app.appid), **profile, **union, "watermark": watermark}
    encrypted, iv = open_data.encrypt(secret, session_key=session.session_key)
    world.encrypted_hashes[open_data.encrypted_hash(encrypted)] = (app.appid, now)
    world.touch(person)
    sealed = {"encryptedData": encrypted, "iv": iv}
    if group is not None:
        return {**sealed, "errMsg": "getGroupEnterInfo:ok"}
    raw_data = json.dumps(profile, ensure_ascii=False, separators=(",", ":"))
    signature = open_data.raw_data_signature(raw_data, session_key=session.session_key)
    return {"userInfo": profile, "rawData": raw_data, "signature": signature, **sealed, "errMsg": "getUserInfo:ok"}


def _open_gid(group: str, *, appid: str) -> str:
    """Stable for one (group, mini-program)."""
    return "G" + hashlib.sha256(f"{group}/{appid}".encode()).hexdigest()[:27]
