"""/_world/people/<id>/follow and the rest of what people do with an account; followers, received, pushes."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.world import App, BadWorldInput, Person, World, actions, chatting, following
from sandbox.world_api.bodies import body_of_request

Act = Callable[[World, Person, App, dict[str, Any]], dict[str, Any]]


def _optional(body: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: str(body[name]) for name in names if body.get(name) not in (None, "")}


def _set_relation(world: World, person: Person, app: App, body: dict[str, Any]) -> dict[str, Any]:
    """How the person and the account stand: blocked by the person, on the account's blacklist."""
    record = person.follower_of(app.appid)
    record.blocked = bool(body.get("blocked", record.blocked))
    record.blacklisted = bool(body.get("blacklisted", record.blacklisted))
    world.touch(person)
    return {"blocked": record.blocked, "blacklisted": record.blacklisted, "subscribed": record.subscribed}


def _oa_subscribe(world: World, person: Person, app: App, body: dict[str, Any]) -> dict[str, Any]:
    answers = {str(key): str(value) for key, value in dict(body["answers"]).items()}
    return actions.answer_subscription(world, person=person, app=app, answers=answers)


ACCOUNT_ACTS: dict[str, Act] = {
    "follow": lambda world, person, app, body: following.follow(
        world, person=person, app=app, **_optional(body, "scene", "ticket", "paid", "how")
    ),
    "unfollow": lambda world, person, app, body: following.unfollow(world, person=person, app=app),
    "scan": lambda world, person, app, body: following.scan(
        world, person=person, app=app, **_optional(body, "scene", "ticket")
    ),
    "locate": lambda world, person, app, body: following.locate(
        world, person=person, app=app, lat=float(body["lat"]), lng=float(body["lng"])
    ),
    "click": lambda world, person, app, body: chatting.click(world, person=person, app=app, body=body),
    "view": lambda world, person, app, body: chatting.view(world, person=person, app=app, body=body),
    "oa_subscribe": _oa_subscribe,
    "relation": _set_relation,
}
EITHER_ACTS: dict[str, Act] = {
    "say": lambda world, person, app, body: chatting.say(world, person=person, app=app, body=body),
    "revoke": lambda world, person, app, body: following.revoke(world, person=person, app=app, body=body),
    "push": lambda world, person, app, body: following.push_as_given(world, person=person, app=app, body=body),
}


def add_routes(routes: Blueprint, *, world: World) -> None:
    for name, act in ACCOUNT_ACTS.items():
        _add_act(routes, world=world, name=name, act=act, find=world.account)
    for name, act in EITHER_ACTS.items():
        _add_act(routes, world=world, name=name, act=act, find=lambda appid: _either(world, appid=appid))
    enter: Act = lambda world, person, app, body: chatting.enter(  # noqa: E731
        world, person=person, app=app, session_from=str(body.get("session_from", ""))
    )
    _add_act(routes, world=world, name="enter", act=enter, find=world.app)
    _add_follower_routes(routes, world=world)
    _add_received_routes(routes, world=world)
    _add_push_routes(routes, world=world)


def _either(world: World, *, appid: str | None) -> App:
    return world.app(appid) if appid else world.demo_account


def _add_act(routes: Blueprint, *, world: World, name: str, act: Act, find: Callable[[str | None], App]) -> None:
    def view(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            return jsonify(act(world, world.person(person_id), find(body.get("appid")), body))

    routes.add_url_rule(f"/people/<person_id>/{name}", f"act_{name}", view, methods=["POST"])


def _add_follower_routes(routes: Blueprint, *, world: World) -> None:
    @routes.post("/followers")
    def make_followers() -> tuple[Response, int]:
        body = body_of_request()
        phones = [str(phone) for phone in body["phones"]] if body.get("phones") else None
        with world.changing():
            app = world.account(body.get("appid"))
            count = int(body.get("count") or len(phones or []) or 1)
            silent = not body.get("announce", False)
            made = following.make_followers(world, app=app, count=count, phones=phones, silent=silent)
            rows = [
                {"person_id": person.person_id, "openid": person.openid_in(app.appid),
                 "unionid": person.unionid, "phone": person.phone}
                for person in made
            ]  # fmt: skip
        return jsonify(openids=[row["openid"] for row in rows], followers=rows), 201

    @routes.get("/followers")
    def followers() -> Response:
        with world.changing():
            app = world.account(request.args.get("appid"))
            found = [person for person in world.people.all() if person.follows(app.appid)]
            return jsonify(count=len(found), openids=[person.openid_in(app.appid) for person in found])

    @routes.get("/people/<person_id>/chat")
    def chat(person_id: str) -> Response:
        with world.changing():
            app = _either(world, appid=request.args.get("appid"))
            return jsonify(chat=list(world.person(person_id).chats.get(app.appid, [])))


def _add_received_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/received")
    def received() -> Response:
        """Per receiver (openid, or phone for sms and voice): how many messages of each kind and template. `kind`
        leaves only that kind, `receivers=0` the sums alone."""
        kind, appid = request.args.get("kind"), request.args.get("appid")
        with world.changing():
            rows = [tally.to_json() for tally in world.received.tallies(appid=appid)]
            rows += [] if appid else _by_phone(world)
        found: dict[str, dict[str, Any]] = {}
        kinds: Counter[str] = Counter()
        for row in rows:
            row["kinds"] = {name: count for name, count in row["kinds"].items() if kind in (None, name)}
            if row["kinds"]:
                kinds.update(row["kinds"])
                found[row["to"]] = {**row, "total": sum(row["kinds"].values())}
        shown = {} if request.args.get("receivers") == "0" else found
        answer = {"received": shown, "receivers": len(found), "kinds": dict(kinds), "total": kinds.total()}
        return Response(json.dumps(answer, separators=(",", ":")), content_type="application/json")


def _by_phone(world: World) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for (kind, phone, template), count in world.telecom.received.items():
        row = rows.setdefault(phone, {"appid": "", "to": phone, "kinds": {}, "templates": {}})
        row["kinds"][kind] = row["kinds"].get(kind, 0) + count
        row["templates"][template] = row["templates"].get(template, 0) + count
    return list(rows.values())


def _add_push_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/pushes")
    def kept_pushes() -> Response:
        limit = min(int(request.args.get("limit", "200")), 2000)
        found = world.pushes.list(appid=request.args.get("appid"), name=request.args.get("name"), limit=limit)
        totals = [
            {"appid": appid, "name": name, "state": state, "count": count}
            for (appid, name, state), count in sorted(world.pushes.counted().items())
        ]
        return jsonify(pushes=found, waiting=world.pushes.waiting(), totals=totals)

    @routes.post("/apps/<appid>/verify_callback")
    def verify_callback(appid: str) -> Response:
        with world.changing():
            app = world.app(appid)
        if not app.callback_url:
            raise BadWorldInput("this app has no callback_url")
        return jsonify(world.pushes.verify(app))

    @routes.post("/pushes/drain")
    def drain_pushes() -> Response:
        due_only = bool(body_of_request().get("due_only", False))
        return jsonify(deliveries=world.pushes.drain(due_only=due_only), waiting=world.pushes.waiting())
