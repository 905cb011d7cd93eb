"""Signing in."""

from typing import Any

import marshmallow as ma

from app.gateways import miniprogram
from app.kernel import clock
from app.kernel.database import unit_of_work
from app.membership import members
from app.people import identity
from app.web import fields
from app.web.endpoint import Door, anybody
from app.web.guards import sign_in_consumer

door = Door("login", prefix="/mp/v1", guard=anybody, about="登录")


class LoginRequest(fields.Schema):
    code = fields.Text(
        longest=200, required=True, metadata={"description": "what wx.login gave", "example": "0a1b2c3d4e"}
    )


class LoginView(fields.Schema):
    token = fields.Text(metadata={"description": "send it as `Authorization: Bearer …`", "example": "mF_9.B5f-4.1JqM"})
    is_member = ma.fields.Boolean(metadata={"description": "has the card; false: a guest, who may look around"})


@door.runs("/login", takes=LoginRequest, gives=LoginView, refuses=miniprogram.LOGIN_REFUSALS)
def log_in(caller: object, body: dict[str, Any]) -> dict[str, Any]:
    """Sign in with a login code; who has no card yet is a guest."""
    logged_in = identity.log_in(body["code"], now=clock.now())
    with unit_of_work():
        is_member = bool(members.are_members([logged_in.customer_id]))
    token = sign_in_consumer(life_id=logged_in.life_id, openid=logged_in.openid)
    return {"token": token, "is_member": is_member}
