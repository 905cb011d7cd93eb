"""/_world/apps, clock, switches, faults, log and reset."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.world import BadWorldInput, NotInWorld, World
from sandbox.world.apps import app_to_json
from sandbox.world_api.bodies import body_of_request


def add_routes(routes: Blueprint, *, world: World) -> None:
    _add_app_routes(routes, world=world)
    _add_clock_routes(routes, world=world)
    _add_fault_routes(routes, world=world)

    @routes.get("/switches")
    def switches() -> Response:
        return jsonify(world.switches.to_json())

    @routes.post("/switches")
    def turn() -> Response:
        with world.changing():
            world.switches.change(body_of_request())
            return jsonify(world.switches.to_json())

    @routes.get("/log")
    def log() -> Response:
        count = min(int(request.args.get("limit", "100")), 1000)
        with world.changing():
            found = [record.to_json() for record in reversed(world.calls.last(count))]
        path = request.args.get("path")
        return jsonify(calls=[row for row in found if path in (None, row["path"])])

    @routes.post("/reset")
    def reset() -> Response:
        with world.changing():
            world.reset()
        return jsonify(ok=True)


def _add_app_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/apps")
    def apps() -> Response:
        with world.changing():
            return jsonify(apps=[app_to_json(app) for app in world.apps.values()])

    @routes.post("/apps")
    def put_app() -> tuple[Response, int]:
        body = body_of_request()
        with world.changing():
            new = body.get("appid") not in world.apps
            return jsonify(app_to_json(world.put_app(body))), 201 if new else 200

    @routes.post("/apps/<appid>")
    def change_app(appid: str) -> Response:
        with world.changing():
            world.app(appid)
            return jsonify(app_to_json(world.put_app({**body_of_request(), "appid": appid})))

    @routes.post("/apps/<appid>/templates")
    def put_template(appid: str) -> tuple[Response, int]:
        with world.changing():
            app = world.app(appid)
            return jsonify(template_id=world.put_template(app, body=body_of_request())), 201

    @routes.post("/apps/<appid>/expire_tokens")
    def expire_tokens(appid: str) -> Response:
        with world.changing():
            return jsonify(expired=world.tokens.expire_all(now=world.now(), appid=world.app(appid).appid))


def _add_clock_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/clock")
    def clock() -> Response:
        return jsonify(_clock(world))

    @routes.post("/clock")
    def set_clock() -> Response:
        body = body_of_request()
        with world.changing():
            if len(set(body) & {"offset", "advance", "now"}) != 1:
                raise BadWorldInput("give one of offset (seconds), advance (seconds), now (unix seconds or RFC 3339)")
            if "offset" in body:
                world.clock.set_offset(float(body["offset"]))
            elif "advance" in body:
                world.clock.advance(float(body["advance"]))
            else:
                world.clock.set_now(moment_of(body["now"]))
            return jsonify(_clock(world))


def moment_of(given: object) -> float:
    """Unix seconds from a number or an RFC 3339 text with an offset."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    moment = datetime.fromisoformat(str(given))
    if moment.tzinfo is None:
        raise BadWorldInput("a time needs its offset, such as 2026-01-01T08:00:00+08:00")
    return moment.timestamp()


def _clock(world: World) -> dict[str, Any]:
    now = world.now()
    return {
        "now": now,
        "iso": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "offset": world.clock.offset,
    }


def _add_fault_routes(routes: Blueprint, *, world: World) -> None:
    @routes.get("/faults")
    def faults() -> Response:
        with world.changing():
            return jsonify(faults=[fault.to_json() for fault in world.faults.all()])

    @routes.post("/faults")
    def order() -> tuple[Response, int]:
        with world.changing():
            return jsonify(world.faults.order(body_of_request()).to_json()), 201

    @routes.delete("/faults")
    def clear() -> Response:
        with world.changing():
            return jsonify(removed=world.faults.clear())

    @routes.delete("/faults/<fault_id>")
    def remove(fault_id: str) -> Response:
        with world.changing():
            if not world.faults.remove(fault_id):
                raise NotInWorld(f"no fault {fault_id}")
            return jsonify(removed=1)
