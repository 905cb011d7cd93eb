"""People as machines tell of them and ask for them: ids seen together, and one person by any id."""

import datetime as dt
from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.people import identity
from app.web import fields
from app.web.endpoint import Door
from app.web.signatures import TOLERANCE, Machine, SignatureReplayed, machine
from open_api.orders import Unread

door = Door("people", prefix="/open/v1", guard=machine, about="客户身份")
MOST_OBSERVATIONS, MOST_IDS = 100, 20
LOOKED = "open_api"


class IdTold(fields.Schema):
    kind = fields.Text(
        longest=40, required=True, metadata={"description": "phone, card, ouid, omid …", "example": "phone"}
    )
    scope = fields.Text(
        longest=128, blank=True, load_default="", metadata={"description": "app, corp or shop", "example": ""}
    )
    value = fields.Text(longest=128, required=True, metadata={"example": "13900000001"})


class ObservationTold(fields.Schema):
    """These ids were seen together."""

    ids = ma.fields.List(ma.fields.Nested(IdTold), required=True, validate=ma.validate.Length(min=1, max=MOST_IDS))
    source = fields.Text(
        longest=40,
        load_default=None,
        metadata={"description": "where they were seen, if not in your channel; lower case", "example": "tmall"},
    )
    proof = fields.Text(
        load_default="stated", metadata={"description": "stated, picked or proven (C02)", "example": "stated"}
    )
    seen_at = fields.Moment(required=True, metadata={"example": "2026-05-20T04:00:00Z"})

    @ma.validates_schema
    def _known_words(self, data: dict[str, Any], **_: Any) -> None:
        if data["proof"] not in identity.PROOFS:
            raise ma.ValidationError("stated, picked or proven", "proof")
        if data["source"] is not None and not (data["source"].isascii() and data["source"].islower()):
            raise ma.ValidationError("lower-case letters", "source")


class ObservationsRequest(fields.Schema):
    observations = ma.fields.List(
        Unread(ObservationTold), required=True, validate=ma.validate.Length(min=1, max=MOST_OBSERVATIONS)
    )


class LeftOutView(fields.Schema):
    kind = fields.Text(metadata={"example": "phone"})
    reason = fields.Text(
        metadata={"description": "invalid, blocked (names nobody) or receiver (O01, O02)", "example": "receiver"}
    )


class ObservedView(fields.Schema):
    status = fields.Text(metadata={"description": "accepted or refused", "example": "accepted"})
    person_id = fields.Sealed("customer", allow_none=True, metadata={"description": "who they are today"})
    held = fields.Whole(metadata={"description": "other people the ids belong to, for review", "example": 0})
    left_out = ma.fields.List(ma.fields.Nested(LeftOutView))
    reason = fields.Text(allow_none=True, metadata={"description": "why refused, `field: reason`", "example": None})


class ObservationsView(fields.Schema):
    outcomes = ma.fields.List(ma.fields.Nested(ObservedView))


class PersonRequest(fields.Schema):
    """An id of any kind, or a `person_id` of ours, present or former."""

    id = ma.fields.Nested(IdTold)
    person_id = fields.Sealed("customer")

    @ma.validates_schema
    def _one_way(self, data: dict[str, Any], **_: Any) -> None:
        if ("id" in data) == ("person_id" in data):
            raise ma.ValidationError("id 和 person_id 二选一", "id")


class MaskedIdView(fields.Schema):
    kind = fields.Text(metadata={"example": "phone"})
    scope = fields.Text(metadata={"example": ""})
    masked = fields.Text(metadata={"example": "139****0001"})
    proof = fields.Text(metadata={"example": "picked"})
    since = fields.Moment(metadata={"example": "2026-05-20T04:00:00Z"})
    until = fields.Moment(allow_none=True, metadata={"description": "when it ended", "example": None})


class PersonTold(fields.Schema):
    person_id = fields.Sealed("customer", attribute="customer_id")
    former_ids = ma.fields.List(fields.Sealed("customer"), metadata={"description": "person_ids merged into this one"})
    known_since = fields.Moment(attribute="created_at", metadata={"example": "2026-05-20T04:00:00Z"})
    ids = ma.fields.List(ma.fields.Nested(MaskedIdView))


@door.writes("/observations", takes=ObservationsRequest, gives=ObservationsView, refuses=[SignatureReplayed])
def tell_observations(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """Tell up to 100 times which ids were seen together; in any order, as often as you like. One outcome each."""
    now = clock.now()
    read = [_read(item, caller.channel, now=now) for item in body["observations"]]
    usable = [seen for seen, _ in read if seen is not None]
    observed = iter(identity.observing.observe_all(usable, now=now) if usable else [])
    return {"outcomes": [_told(next(observed), said) if seen is not None else said for seen, said in read]}


def _read(item: Any, channel: str, *, now: dt.datetime) -> tuple[identity.observing.Observation | None, dict[str, Any]]:
    said: dict[str, Any] = {"status": "refused", "person_id": None, "held": 0, "left_out": [], "reason": None}
    try:
        told = ObservationTold().load(item)
    except ma.ValidationError as wrong:
        return None, {**said, "reason": _first(wrong.messages)}
    if told["seen_at"] > now + TOLERANCE:
        return None, {**said, "reason": "seen_at: in the future"}
    ids = []
    for one in told["ids"]:
        try:
            ids.append(identity.identifier(one["kind"], one["value"], scope=one["scope"]))
        except identity.IdentifierInvalid:
            said["left_out"].append({"kind": one["kind"], "reason": "invalid"})
    if not ids:
        return None, {**said, "reason": "ids: none is usable"}
    source = channel if told["source"] in (None, channel) else f"{told['source']} via {channel}"
    return identity.observing.Observation(tuple(ids), source, told["seen_at"], told["proof"]), said


def _told(observed: identity.observing.Observed, said: dict[str, Any]) -> dict[str, Any]:
    left_out = [*said["left_out"], *observed.refused]
    if observed.customer_id is None:
        return {**said, "left_out": left_out, "reason": "ids: none is usable"}
    known = {"person_id": observed.customer_id, "held": observed.held, "left_out": left_out}
    return {**said, **known, "status": "accepted"}


def _first(messages: Any) -> str:
    """`field: reason` of the first thing that was wrong."""
    path = []
    while isinstance(messages, dict) and messages:
        name, messages = next(iter(messages.items()))
        path.append(str(name))
    reason = messages[0] if isinstance(messages, list) and messages else "invalid"
    return f"{'.'.join(path)}: {reason}"


@door.writes("/people/find", takes=PersonRequest, gives=PersonTold, refuses=[SignatureReplayed, identity.NobodyKnown])
def find_person(caller: Machine, body: dict[str, Any]) -> identity.reviewing.PersonView:
    """One person by any id, all ids masked. A POST, so that no id stands in an address; the look is written down."""
    now, machine_name = clock.now(), caller.channel
    if "person_id" in body:
        found = identity.looking.open_person(body["person_id"], machine=machine_name, why=LOOKED, now=now)
    else:
        told = body["id"]
        wanted = identity.identifier(told["kind"], told["value"], scope=told["scope"])
        found = identity.looking.open_person_of(wanted, machine=machine_name, why=LOOKED, now=now)
    if found is None:
        raise identity.NobodyKnown
    return found
