"""/_world/people: creating people and letting them act."""

from typing import Any

from flask import Blueprint, Response, jsonify

from sandbox.world import App, BadWorldInput, NotInWorld, Person, World, actions
from sandbox.world_api.bodies import body_of_request


def add_routes(routes: Blueprint, *, world: World) -> None:
    _add_list_routes(routes, world=world)
    _add_phone_routes(routes, world=world)
    _add_message_routes(routes, world=world)


def shown(person: Person, *, world: World) -> dict[str, Any]:
    """A person as the world API shows them, with an openid for every app."""
    return {
        "person_id": person.person_id,
        "name": person.name,
        "phone": person.phone,
        "country_code": person.country_code,
        "unionid": person.unionid,
        "openid": person.openid_in(world.demo_app.appid),
        "openids": {appid: person.openid_in(appid) for appid in world.apps},
        "grants": person.grants,
        "always": person.always,
        "risky": person.risky,
        "accepts_messages": person.accepts_messages,
        "messages": len(person.messages),
        "follows": [appid for appid in person.followers if person.follows(appid)],
    }


def _add_list_routes(routes: Blueprint, *, world: World) -> None:
    @routes.post("/people")
    def create() -> tuple[Response, int]:
        with world.changing():
            person = world.add_person(body_of_request())
            return jsonify(shown(person, world=world)), 201

    @routes.get("/people")
    def everybody() -> Response:
        with world.changing():
            return jsonify(people=[shown(person, world=world) for person in world.people.all()])

    @routes.get("/people/<person_id>")
    def one(person_id: str) -> Response:
        with world.changing():
            return jsonify(shown(world.person(person_id), world=world))

    @routes.post("/people/<person_id>")
    def change(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            person = world.person(person_id)
            for name in body:
                if name not in ("name", "risky", "accepts_messages"):
                    raise BadWorldInput(f"{name} cannot be changed")
            person.name = str(body.get("name", person.name))
            person.risky = bool(body.get("risky", person.risky))
            person.accepts_messages = bool(body.get("accepts_messages", person.accepts_messages))
            world.touch(person)
            return jsonify(shown(person, world=world))


def _who_and_where(world: World, *, person_id: str, body: dict[str, Any]) -> tuple[Person, App]:
    return world.person(person_id), world.app(body.get("appid"))


def _add_phone_routes(routes: Blueprint, *, world: World) -> None:
    @routes.post("/people/<person_id>/open")
    def open_miniprogram(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            person, app = _who_and_where(world, person_id=person_id, body=body)
            return jsonify(
                actions.open_miniprogram(
                    world, person=person, app=app, code=body.get("code"), session_key=body.get("session_key")
                )
            )

    @routes.post("/people/<person_id>/phone")
    def press_phone_button(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            person, app = _who_and_where(world, person_id=person_id, body=body)
            allow = bool(body.get("allow", True))
            return jsonify(
                actions.press_phone_button(world, person=person, app=app, allow=allow, code=body.get("code"))
            )

    @routes.post("/people/<person_id>/user_data")
    def user_data(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            person, app = _who_and_where(world, person_id=person_id, body=body)
            return jsonify(actions.open_data_of(world, person=person, app=app, group=body.get("group")))


def _add_message_routes(routes: Blueprint, *, world: World) -> None:
    @routes.post("/people/<person_id>/subscribe")
    def subscribe(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            person, app = _who_and_where(world, person_id=person_id, body=body)
            return jsonify(actions.answer_subscription(world, person=person, app=app, answers=_answers(body)))

    @routes.post("/people/<person_id>/unsubscribe")
    def unsubscribe(person_id: str) -> Response:
        body = body_of_request()
        with world.changing():
            person, app = _who_and_where(world, person_id=person_id, body=body)
            template_id = str(body.get("template_id", ""))
            if template_id not in app.templates:
                raise NotInWorld(f"no template {template_id}")
            return jsonify(lost=actions.cancel_subscription(world, person=person, app=app, template_id=template_id))

    @routes.get("/people/<person_id>/messages")
    def messages(person_id: str) -> Response:
        with world.changing():
            return jsonify(messages=list(world.person(person_id).messages))


def _answers(body: dict[str, Any]) -> dict[str, str]:
    """`answers` {template_id: accept|reject}, or `template_ids` with one `answer` for all."""
    if "answers" in body:
        return {str(key): str(value) for key, value in dict(body["answers"]).items()}
    names = body.get("template_ids") or ([body["template_id"]] if "template_id" in body else [])
    return {str(name): str(body.get("answer", "accept")) for name in names}
