"""What the page's buttons do. Each changes the world and goes back to the page."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from sandbox.world import App, BadWorldInput, NotInWorld, Person, World, actions


def add_routes(views: Blueprint, *, world: World) -> None:
    _add_phone_routes(views, world=world)
    _add_control_routes(views, world=world)

    @views.errorhandler(BadWorldInput)
    @views.errorhandler(NotInWorld)
    @views.errorhandler(ValueError)
    def problem(error: Exception) -> Response:
        return redirect(url_for("pages.start", problem=f"没有成功：{error}"))


def _back(*, person: Person | None = None, app: App | None = None, at: str = "") -> Response:
    person_id = person.person_id if person else request.form.get("person")
    appid = app.appid if app else request.form.get("app")
    return redirect(url_for("pages.start", _anchor=at or None, person=person_id or None, app=appid or None))


def _chosen(world: World) -> tuple[Person, App]:
    return world.person(request.form.get("person", "")), world.app(request.form.get("app"))


def _add_phone_routes(views: Blueprint, *, world: World) -> None:
    def show(person: Person, app: App, **shown: str) -> None:
        world.screens.setdefault((person.person_id, app.appid), {}).update({"notice": "", **shown})

    @views.post("/_page/open")
    def open_miniprogram() -> Response:
        with world.changing():
            person, app = _chosen(world)
            show(person, app, login=actions.open_miniprogram(world, person=person, app=app)["code"])
        return _back(at="phone")

    @views.post("/_page/phone")
    def phone() -> Response:
        with world.changing():
            person, app = _chosen(world)
            allow = request.form.get("allow") == "yes"
            found = actions.press_phone_button(world, person=person, app=app, allow=allow)
            if "code" in found:
                show(person, app, phone=found["code"])
            else:
                show(person, app, notice="已拒绝授权手机号" if not allow else f"没有得到手机号：{found['errMsg']}")
        return _back(at="phone")

    @views.post("/_page/subscribe")
    def subscribe() -> Response:
        with world.changing():
            person, app = _chosen(world)
            template_id, answer = request.form.get("template_id", ""), request.form.get("answer", "accept")
            if answer == "cancel":
                lost = actions.cancel_subscription(world, person=person, app=app, template_id=template_id)
                show(person, app, notice=f"已关闭订阅，作废 {lost} 次")
            else:
                found = actions.answer_subscription(world, person=person, app=app, answers={template_id: answer})
                outcome = {"accept": "已允许，可发送 1 次", "reject": "已拒绝订阅"}
                show(person, app, notice=outcome.get(str(found.get(template_id)), str(found["errMsg"])))
        return _back(at="subscribe")


def _add_control_routes(views: Blueprint, *, world: World) -> None:
    @views.post("/_page/people")
    def create() -> Response:
        with world.changing():
            fields = ("name", "phone", "country_code")
            person = world.add_person({key: request.form[key] for key in fields if request.form.get(key)})
        return _back(person=person)

    @views.post("/_page/clock")
    def clock() -> Response:
        with world.changing():
            if request.form.get("advance"):
                world.clock.advance(float(request.form["advance"]) * float(request.form.get("unit", "1")))
            else:
                world.clock.set_offset(0)
        return _back(at="clock")

    @views.post("/_page/faults")
    def order() -> Response:
        with world.changing():
            form = {key: value for key, value in request.form.items() if value and key not in ("person", "app")}
            world.faults.order(form)
        return _back(at="faults")

    @views.post("/_page/faults/remove")
    def remove() -> Response:
        with world.changing():
            world.faults.remove(request.form.get("fault_id", ""))
        return _back(at="faults")
