"""/_world/telecom, lines, sms, voice and cloud_pushes: texts and calls."""

from flask import Blueprint, Response, jsonify, request

from sandbox.world import BadWorldInput, World, texting
from sandbox.world_api.bodies import body_of_request


def add_routes(routes: Blueprint, *, world: World) -> None:
    _add_settings_routes(routes, world=world)
    _add_record_routes(routes, world=world)

    @routes.post("/lines/<phone>/reply")
    def reply(phone: str) -> Response:
        with world.changing():
            return jsonify(texting.reply(world, phone=phone, words=_words(body_of_request())))

    @routes.post("/people/<person_id>/reply_sms")
    def reply_as(person_id: str) -> Response:
        with world.changing():
            phone = world.person(person_id).phone
            return jsonify(texting.reply(world, phone=phone, words=_words(body_of_request())))


def _words(body: dict[str, object]) -> str:
    words = str(body.get("text", "")).strip()
    if not words:
        raise BadWorldInput("text is what the person writes back")
    return words


def _add_settings_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/telecom")
    def telecom_settings() -> Response:
        with world.changing():
            return jsonify(world.telecom.to_json())

    @routes.post("/telecom")
    def change_telecom() -> Response:
        with world.changing():
            world.telecom.change(body_of_request())
            return jsonify(world.telecom.to_json())

    @routes.get("/lines/<phone>")
    def line(phone: str) -> Response:
        with world.changing():
            return jsonify(world.telecom.lines.get(phone).to_json())

    @routes.post("/lines/<phone>")
    def change_line(phone: str) -> Response:
        with world.changing():
            return jsonify(world.telecom.lines.change(phone, body=body_of_request()).to_json())


def _add_record_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/sms")
    def texts() -> Response:
        phone, limit = request.args.get("phone"), int(request.args.get("limit", "1000"))
        with world.changing():
            found = [text.to_json() for text in world.telecom.texts if phone in (None, text.phone)]
        return jsonify(sms=found[-limit:], count=len(found))

    @routes.get("/voice")
    def voice() -> Response:
        phone, limit = request.args.get("phone"), int(request.args.get("limit", "1000"))
        with world.changing():
            found = [call.to_json() for call in world.telecom.calls if phone in (None, call.phone)]
        return jsonify(voice=found[-limit:], count=len(found))

    @routes.get("/cloud_pushes")
    def pushes() -> Response:
        with world.changing():
            return jsonify(pushes=world.telecom.reports.to_json())
