"""People with names to what identity knows of them: who waits for a decision, two side by side, one as a whole."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.kernel.facts import Objection
from app.kernel.paging import Page
from app.membership import members, points
from app.people import identity, privacy, teams
from app.people.identity import reviewing
from app.reports.profiles.rules import Compared, name_for_card, state_of
from app.trade import orders

EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MOST_LOOKS = 20
# Of an account one has several anywhere: two different ones say nothing against one person.
_OWN = ("unionid", "phone", "openid")


@dataclass(frozen=True)
class Face:
    """How a customer is called and known at a glance; `phone` masked."""

    customer_id: int
    name: str
    phone: str | None
    card_number: str | None
    tier_name: str | None


@dataclass(frozen=True)
class ConflictLine:
    """A pair that waits for a decision, because evidence would join them or because they look alike."""

    first: Face
    second: Face
    found_at: dt.datetime
    reasons: tuple[str, ...]
    score: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Two people side by side. `conflict`: held evidence that waits between them, `proposal`: that they look alike, None for
    neither; `objections` stop a merge."""

    first: Face
    second: Face
    lines: tuple[Compared, ...]
    ties: tuple[reviewing.Tie, ...]
    conflict: reviewing.Conflict | None
    proposal: reviewing.ProposalView | None
    objections: tuple[Objection, ...]


@dataclass(frozen=True)
class Dossier:
    """One person as a whole. `faces`: everybody named in it by today's id; `staff`: names of staff by id."""

    face: Face
    person: reviewing.PersonView
    faces: dict[int, Face]
    staff: dict[int, str]
    looks: tuple[privacy.LookView, ...]


def faces_of(customer_ids: Collection[int]) -> dict[int, Face]:
    """What to call these customers. Who has no card is called by what is known of them."""
    cards = members.listing.members_of(customer_ids)
    phones = identity.phones.phones_of(list(customer_ids))
    return {
        customer_id: _face(customer_id, cards.get(customer_id), phones.get(customer_id)) for customer_id in customer_ids
    }


def _face(customer_id: int, member: members.MemberView | None, phone: str | None) -> Face:
    masked = identity.phones.mask_phone(phone) if phone else None
    if member is None:
        return Face(customer_id, masked or "未入会的客户", masked, None, None)
    name = member.full_name or name_for_card(member.card_number)
    return Face(customer_id, name, masked, member.card_number, member.tier.name)


def list_conflicts(*, now: dt.datetime, cursor: str | None = None, limit: int = 20) -> Page[ConflictLine]:
    """Pairs that wait for a decision, oldest first. Raises CursorInvalid."""
    page = reviewing.list_conflicts(now=now, cursor=cursor, limit=limit)
    faces = faces_of({who for pair in page.items for who in (pair.first_id, pair.second_id)})
    lines = [
        ConflictLine(faces[pair.first_id], faces[pair.second_id], pair.found_at, pair.reasons) for pair in page.items
    ]
    return Page(lines, page.next_cursor)


def list_alike(*, cursor: str | None = None, limit: int = 20) -> Page[ConflictLine]:
    """Pairs that look alike, the likeliest first. Raises CursorInvalid."""
    page = reviewing.list_proposals(cursor=cursor, limit=limit)
    faces = faces_of({who for pair in page.items for who in (pair.first_id, pair.second_id)})
    lines = [
        ConflictLine(faces[pair.first_id], faces[pair.second_id], pair.found_at, pair.reasons, pair.score)
        for pair in page.items
    ]
    return Page(lines, page.next_cursor)


def compare(one_id: int, other_id: int, *, now: dt.datetime) -> Comparison:
    """Two present customers side by side, with what was seen of both together and what stands against a merge."""
    faces = faces_of([one_id, other_id])
    ids = reviewing.ids_of([one_id, other_id])
    conflict = reviewing.find_conflict(one_id, other_id)
    return Comparison(
        first=faces[one_id],
        second=faces[other_id],
        lines=(*_told(one_id, other_id, now=now), *_held(ids[one_id], ids[other_id])),
        ties=tuple(reviewing.list_ties_between(one_id, other_id)),
        conflict=conflict,
        proposal=reviewing.find_proposal(one_id, other_id),
        objections=tuple(conflict.objections if conflict else reviewing.hear_merge(one_id, other_id)),
    )


def _told(one_id: int, other_id: int, *, now: dt.datetime) -> Iterable[Compared]:
    cards = members.listing.members_of([one_id, other_id])
    counts = orders.count_paid_orders([one_id, other_id], since=EVER)
    left, right = (_of_member(cards.get(who)) for who in (one_id, other_id))
    for label in left:
        compared = state_of(left[label], right[label]) if label in ("姓名", "生日") else "plain"
        yield Compared(label, left[label], right[label], compared)
    one, other = (points.get_balance(who, now=now).spendable for who in (one_id, other_id))
    yield Compared("积分", (f"{one:,}",), (f"{other:,}",), "plain")
    yield Compared("已付订单", (f"{counts.get(one_id, 0):,}",), (f"{counts.get(other_id, 0):,}",), "plain")


def _of_member(member: members.MemberView | None) -> dict[str, tuple[str, ...]]:
    told: dict[str, tuple[str, ...]] = {"姓名": (), "生日": (), "会员": (), "入会": ()}
    if member is None:
        return told
    told |= {"会员": (f"{member.tier.name} {member.card_number}",), "入会": (member.member_since.isoformat(),)}
    if member.full_name:
        told["姓名"] = (member.full_name,)
    if member.birthday:
        told["生日"] = (member.birthday.isoformat(),)
    return told


def _held(ours: Sequence[reviewing.ShownId], theirs: Sequence[reviewing.ShownId]) -> Iterable[Compared]:
    for kind, scope, title in dict.fromkeys((one.kind, one.scope, one.title) for one in (*ours, *theirs)):
        here, there = (
            [one for one in side if (one.kind, one.scope) == (kind, scope)] for side in (ours, theirs)
        )  # fmt: skip
        state = state_of([one.token for one in here], [one.token for one in there])
        if state == "differs" and kind not in _OWN:
            state = "plain"
        yield Compared(title, _masked(here), _masked(there), state, scope)


def _masked(ids: Sequence[reviewing.ShownId]) -> tuple[str, ...]:
    return tuple(one.masked if one.until is None else f"{one.masked}（已停用）" for one in ids)


def dossier_of(person: reviewing.PersonView) -> Dossier:
    """A person with the names of everybody who plays a part."""
    others = {who for decision in person.decisions for who in decision.others}
    others |= {end.customer_id for tie in person.ties for end in (tie.one, tie.other) if end}
    faces = faces_of({person.customer_id, *others})
    looks = privacy.list_looks(person.customer_id, limit=MOST_LOOKS)
    named = [
        *(merge.staff_id for merge in person.merges),
        *(merge.undone_by for merge in person.merges),
        *(decision.staff_id for decision in person.decisions),
        *(look.staff_id for look in looks),
    ]
    staff = teams.names_of([who for who in named if who is not None])
    return Dossier(faces[person.customer_id], person, faces, staff, tuple(looks))
