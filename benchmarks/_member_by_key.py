"""The product with one route more: the least that a member's page can be, one SELECT by key.

Door, guard, schema and middleware are those of every route; `granian … benchmarks._member_by_key:app` serves it.
"""

from typing import Any

import flask
from sqlalchemy import ClauseElement, bindparam, select

from app.kernel.database import Statement, reading
from app.membership.members.models import Member
from app.web import fields
from app.web.application import create_app
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

PATH = "/mp/v1/member-by-key"
door = Door("member_by_key", prefix=PATH, guard=consumer, about="One row by its key")


class RowShape(fields.Schema):
    card_number = fields.Text()
    growth = fields.Whole()
    level_until = fields.Moment()


def _by_key() -> ClauseElement:
    return select(Member.card_number, Member.growth, Member.earned_until.label("level_until")).where(
        Member.customer_id == bindparam("customer_id", type_=Member.__table__.c.customer_id.type)
    )


_BY_KEY = Statement(_by_key)


@door.reads("", gives=RowShape)
def member_by_key(caller: Consumer) -> Any:
    """The member's row."""
    with reading() as connection:
        return _BY_KEY.row(connection, customer_id=caller.customer_id)


def register(app: flask.Flask, api: Any) -> None:
    """As every entrance does."""
    api.register_blueprint(door.blueprint)


app = create_app(entrances=["miniprogram_api", "open_api", "wecom", "console", __name__])
