"""What a person does with an account, a text or the telephone, by the page's buttons."""

import time

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from sandbox.pages.chats import ANSWERS, LINE_KINDS, MENU_EVENTS, PLACES
from sandbox.world import App, BadWorldInput, Person, World, actions, chatting, following, texting
from sandbox.world.pushes import PushState

WAITED_SECONDS = 1.5
PAUSE = 0.05
TELECOM = "telecom"


def add_routes(views: Blueprint, *, world: World) -> None:
    _add_relation_routes(views, world=world)
    _add_chat_routes(views, world=world)
    _add_telecom_routes(views, world=world)


def _chosen(world: World) -> tuple[Person, App]:
    return world.person(request.form.get("person", "")), world.account(request.form.get("app"))


def _back(world: World, *, at: str = "chat") -> Response:
    """To the page, once the answer to what was just done is there, or after a moment."""
    person_id = request.form.get("person", "")
    until = time.monotonic() + (WAITED_SECONDS if world.switches.push_automatic else 0)
    while _waits_for(world, person_id=person_id) and time.monotonic() < until:
        time.sleep(PAUSE)
    return redirect(url_for("pages.start", _anchor=at, person=person_id, app=request.form.get("app")))


def _waits_for(world: World, *, person_id: str) -> bool:
    soon = world.now() + WAITED_SECONDS / 3
    rows = [row for row in world.pushes.list(limit=20) if row["person_id"] == person_id and row["due_at"] < soon]
    return any(row["state"] == PushState.WAITING for row in rows)


def _note(world: World, *, person: Person, place: str, words: str) -> None:
    world.screens.setdefault((person.person_id, place), {})["notice"] = words


def _add_relation_routes(views: Blueprint, *, world: World) -> None:
    @views.post("/_page/account/follow")
    def follow() -> Response:
        with world.changing():
            person, app = _chosen(world)
            following.follow(world, person=person, app=app)
        return _back(world)

    @views.post("/_page/account/unfollow")
    def unfollow() -> Response:
        with world.changing():
            person, app = _chosen(world)
            following.unfollow(world, person=person, app=app)
        return _back(world)

    @views.post("/_page/account/scan")
    def scan() -> Response:
        with world.changing():
            person, app = _chosen(world)
            ticket, scene = request.form.get("ticket") or None, request.form.get("scene", "").strip() or None
            if ticket is None and scene is None:
                raise BadWorldInput("请选择或填写一个场景")
            following.scan(world, person=person, app=app, scene=None if ticket else scene, ticket=ticket)
        return _back(world)

    @views.post("/_page/account/block")
    def block() -> Response:
        with world.changing():
            person, app = _chosen(world)
            record = person.follower_of(app.appid)
            record.blocked = not record.blocked
            world.touch(person)
            _note(world, person=person, place=app.appid, words="已拒收消息" if record.blocked else "已恢复接收消息")
        return _back(world)

    @views.post("/_page/account/subscribe")
    def subscribe_account() -> Response:
        with world.changing():
            person, app = _chosen(world)
            answers = {request.form["template_id"]: request.form.get("answer", "accept")}
            actions.answer_subscription(world, person=person, app=app, answers=answers)
        return _back(world)


def _add_chat_routes(views: Blueprint, *, world: World) -> None:
    @views.post("/_page/account/say")
    def say() -> Response:
        with world.changing():
            person, app = _chosen(world)
            body = {key: value for key, value in request.form.items() if key not in ("person", "app")}
            chatting.say(world, person=person, app=app, body=body)
        return _back(world)

    @views.post("/_page/account/place")
    def place() -> Response:
        with world.changing():
            person, app = _chosen(world)
            label, lat, lng = PLACES[int(request.form.get("place", "0"))]
            if request.form.get("how") == "report":
                following.locate(world, person=person, app=app, lat=lat, lng=lng)
            else:
                body = {"type": "location", "lat": lat, "lng": lng, "label": label}
                chatting.say(world, person=person, app=app, body=body)
        return _back(world)

    @views.post("/_page/account/menu")
    def menu() -> Response:
        with world.changing():
            person, app = _chosen(world)
            kind = request.form.get("type", "click")
            if kind in MENU_EVENTS:
                body = {key: request.form.get(key, "") for key in ("key", "name")}
                chatting.click(world, person=person, app=app, body={**body, "event": MENU_EVENTS[kind]})
            else:
                body = {"url": request.form.get("url", ""), "pagepath": request.form.get("pagepath", "")}
                chatting.view(world, person=person, app=app, body=body)
                opened = f"打开了 {body['pagepath'] or body['url']}"
                _note(world, person=person, place=app.appid, words=opened)
        return _back(world)


def _add_telecom_routes(views: Blueprint, *, world: World) -> None:
    @views.post("/_page/telecom/reply")
    def reply_text() -> Response:
        with world.changing():
            person = world.person(request.form.get("person", ""))
            words = request.form.get("text", "").strip()
            if not words:
                raise BadWorldInput("请填写要回复的内容")
            texting.reply(world, phone=person.phone, words=words)
            _note(world, person=person, place=TELECOM, words=f"已回复「{words}」")
        return _back(world)

    @views.post("/_page/telecom/line")
    def line() -> Response:
        with world.changing():
            person = world.person(request.form.get("person", ""))
            body = {name: request.form[name] for name in ("kind", "answers")}
            found = world.telecom.lines.change(person.phone, body=body)
            words = f"号码{LINE_KINDS[found.kind]}，来电{ANSWERS[found.answers]}"
            _note(world, person=person, place=TELECOM, words=words)
        return _back(world)
