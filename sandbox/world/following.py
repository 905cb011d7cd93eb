"""Following an official account and leaving it, scanning its codes, telling it where one is."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.world import ids, windows
from sandbox.world.apps import App, BadWorldInput
from sandbox.world.people import Follower, Person
from sandbox.world.qr_codes import QrCode
from sandbox.world.world import NotInWorld, World

SEARCH, QR_CODE, PAID, OTHERS = "ADD_SCENE_SEARCH", "ADD_SCENE_QR_CODE", "ADD_SCENE_PAID", "ADD_SCENE_OTHERS"


def follow(
    world: World,
    *,
    person: Person,
    app: App,
    scene: str | None = None,
    ticket: str | None = None,
    paid: str | None = None,
    how: str | None = None,
) -> dict[str, Any]:
    """The person follows: plainly, by a scene code, or after a payment (`paid`: the transaction's id). Who follows
    already and scans a code sends SCAN; otherwise following again changes nothing."""
    code = _code(world, app=app, scene=scene, ticket=ticket)
    if person.follows(app.appid):
        if code is None:
            return {"followed": False, "openid": person.openid_in(app.appid)}
        return _scanned(world, person=person, app=app, code=code)
    begin_following(world, person=person, app=app, code=code, how=PAID if paid else how)
    fields: dict[str, Any] = {"MsgType": "event", "Event": "subscribe"}
    if code is not None:
        fields |= {"EventKey": f"qrscene_{code.scene}", "Ticket": code.ticket}
    elif paid:
        fields["EventKey"] = f"last_trade_no_{paid}"
        windows.act(person, appid=app.appid, bucket=windows.PAYMENT, now=world.now())
    person.chat(app.appid, by="person", kind="follow", at=world.now(), scene=code.scene if code else "")
    world.push(app, person=person, fields=fields, shows_replies=True)
    return {"followed": True, "openid": person.openid_in(app.appid)}


def begin_following(
    world: World, *, person: Person, app: App, code: QrCode | None = None, how: str | None = None
) -> None:
    """The record alone, without telling anybody: what many followers made at once start with."""
    now = world.now()
    record: Follower = person.follower_of(app.appid)
    record.subscribed, record.subscribe_time = True, int(now)
    record.subscribe_scene = how or (QR_CODE if code else SEARCH)
    number = code is not None and not code.is_text and code.scene.isdigit()
    record.qr_scene = int(code.scene) if code is not None and number else 0
    record.qr_scene_str = code.scene if code is not None and not number else ""
    windows.act(person, appid=app.appid, bucket=windows.FOLLOW, now=now)
    world.touch(person)


def unfollow(world: World, *, person: Person, app: App) -> dict[str, Any]:
    """The person leaves; nothing can be answered to that, and the openid stays the same for another time."""
    if not person.follows(app.appid):
        return {"unfollowed": False}
    person.follower_of(app.appid).subscribed = False
    windows.close(person, appid=app.appid)
    person.chat(app.appid, by="person", kind="unfollow", at=world.now())
    world.touch(person)
    world.push(app, person=person, fields={"MsgType": "event", "Event": "unsubscribe"})
    return {"unfollowed": True}


def scan(
    world: World, *, person: Person, app: App, scene: str | None = None, ticket: str | None = None
) -> dict[str, Any]:
    """SCAN for who follows; who does not follows by the code."""
    if not (scene or ticket):
        raise BadWorldInput("scan needs a ticket or a scene")
    return follow(world, person=person, app=app, scene=scene, ticket=ticket)


def _scanned(world: World, *, person: Person, app: App, code: QrCode) -> dict[str, Any]:
    windows.act(person, appid=app.appid, bucket=windows.SCAN, now=world.now())
    person.chat(app.appid, by="person", kind="scan", at=world.now(), scene=code.scene)
    world.touch(person)
    fields = {"MsgType": "event", "Event": "SCAN", "EventKey": code.scene, "Ticket": code.ticket}
    world.push(app, person=person, fields=fields, shows_replies=True)
    return {"followed": False, "scanned": code.scene, "openid": person.openid_in(app.appid)}


def _code(world: World, *, app: App, scene: str | None, ticket: str | None) -> QrCode | None:
    """The code of this ticket or scene. A scene that no code of the world has gets a ticket of its own."""
    if ticket:
        found = world.qr_codes.get(ticket)
        if found is not None and found.appid == app.appid:
            if not found.lives(world.now()):
                raise BadWorldInput("this code has expired")
            return found
        if scene is None:
            raise NotInWorld(f"no code with ticket {ticket} of this account")
    if scene is None:
        return None
    made = ticket or f"gQ{secrets.token_urlsafe(60)}"
    return QrCode(ticket=made, appid=app.appid, scene=str(scene), is_text=not str(scene).isdigit())


def locate(
    world: World, *, person: Person, app: App, lat: float, lng: float, precision: float = 119.38504
) -> dict[str, Any]:
    """The account is told where the person is, as on entering the chat with that switched on."""
    needs_follower(person, app=app)
    fields = {
        "MsgType": "event",
        "Event": "LOCATION",
        "Latitude": Decimal(f"{lat:.6f}"),
        "Longitude": Decimal(f"{lng:.6f}"),
        "Precision": Decimal(f"{precision:.6f}"),
    }
    world.push(app, person=person, fields=fields, shows_replies=True)
    return {"located": True}


def needs_follower(person: Person, *, app: App) -> None:
    if app.is_account and not person.follows(app.appid):
        raise BadWorldInput(f"{person.person_id} does not follow {app.appid}")


def make_followers(
    world: World, *, app: App, count: int, phones: list[str] | None = None, silent: bool = True
) -> list[Person]:
    """Many new people who follow the account; nobody is told unless `silent` is False."""
    if not 1 <= count <= 200_000:
        raise BadWorldInput("count is between 1 and 200000")
    if phones is not None and len(phones) != count:
        raise BadWorldInput("as many phones as followers, or none")
    made = []
    for number in range(count):
        person = world.add_person({"phone": phones[number]} if phones else {})
        if silent:
            begin_following(world, person=person, app=app)
        else:
            follow(world, person=person, app=app)
        made.append(person)
    return made


def revoke(world: World, *, person: Person, app: App, body: Mapping[str, Any]) -> dict[str, Any]:
    """The person takes data back. FromUserName is an account of the platform; the person stands in OpenID."""
    event = str(body.get("event") or "user_authorization_revoke")
    if event not in ("user_authorization_revoke", "user_info_modified", "user_authorization_cancellation"):
        raise BadWorldInput("event is user_authorization_revoke, user_info_modified or user_authorization_cancellation")
    openid = person.openid_in(app.appid)
    fields: dict[str, Any] = {"MsgType": "event", "Event": event}
    if event == "user_info_modified":
        fields |= {"openid": openid, "appid": app.appid}
    else:
        fields |= {"OpenID": openid, "AppID": app.appid, "RevokeInfo": str(body.get("revoke_info") or "")}
    world.push(app, person=person, fields=fields, sender=ids.openid(person_seed="platform", appid=app.appid))
    return {"revoked": event}


def push_as_given(world: World, *, person: Person, app: App, body: Mapping[str, Any]) -> dict[str, Any]:
    """Any message or event, its fields after CreateTime as given: for what this world has no act for."""
    fields = dict(body["fields"])
    if not fields.get("MsgType"):
        raise BadWorldInput("fields needs MsgType")
    push = world.push(app, person=person, fields=fields, shows_replies=bool(body.get("shows_replies", False)))
    return {"push_id": push.push_id if push else None}
