"""Staff sign in, see who they are, and sign out."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.people import teams
from app.web import fields
from app.web.endpoint import Door, anybody
from app.web.guards import Staff, sign_in_staff, sign_out_staff, staff

entrance = Door("staff-sign-in", prefix="/wecom/v1", guard=anybody, about="员工登录")
door = Door("staff", prefix="/wecom/v1", guard=staff(), about="当前员工")


class DemoSignInRequest(fields.Schema):
    staff_code = fields.Text(longest=40, required=True, metadata={"example": "E001"})


class StaffTokenView(fields.Schema):
    token = fields.Text(metadata={"description": "send it as `Authorization: Bearer …`", "example": "mF_9.B5f-4.1JqM"})
    name = fields.Text(metadata={"example": "林晓"})
    role = fields.Text(metadata={"example": "clerk"})


class StaffView(fields.Schema):
    staff_id = fields.Sealed("staff")
    code = fields.Text(metadata={"example": "E001"})
    name = fields.Text(metadata={"example": "林晓"})
    role = fields.Text(metadata={"example": "clerk"})
    role_title = ma.fields.Function(
        lambda caller: teams.ROLES[caller.role], metadata={"type": "string", "example": "店员"}
    )
    store_ids = ma.fields.List(fields.Sealed("store"))


class SignedOut(fields.Schema):
    signed_out = ma.fields.Boolean()


@entrance.runs(
    "/demo-sign-in", takes=DemoSignInRequest, gives=StaffTokenView, refuses=[teams.DemoOnly, teams.StaffUnknown]
)
def demo_sign_in(caller: object, body: dict[str, Any]) -> dict[str, Any]:
    """Sign in as a staff member of the demo brand, by code alone."""
    member = teams.sign_in_as(staff_code=body["staff_code"], now=clock.now())
    return {"token": sign_in_staff(staff_id=member.staff_id), "name": member.name, "role": member.role}


@door.reads("/me", gives=StaffView)
def who_am_i(caller: Staff) -> Staff:
    """The staff member at work, with role and stores."""
    return caller


@door.writes("/sign-out", gives=SignedOut)
def sign_out(caller: Staff) -> dict[str, Any]:
    """End this session."""
    sign_out_staff()
    return {"signed_out": True}
