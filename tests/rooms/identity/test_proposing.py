"""Weak evidence proposes pairs for a person to decide; it merges nobody, and what was decided is not asked again."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.people.identity.models import Decision, DecisionSide, IdentityRow
from benchmarks._weak_people import made_up
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer

proposing, reviewing = identity.proposing, identity.reviewing
pytestmark = pytest.mark.usefixtures("database")
STRANGERS = made_up(60, twice=0, seed=5).records
ALIKE = {"surname": "same", "given": "same", "birthday": "same", "phone": "slip"}
LATER = dt.timedelta(days=7)


def told_of(customer_id: int, **more: str) -> proposing.WeakRecord:
    return proposing.WeakRecord(
        customer_id, **({"name": "欧阳静", "birthday": "1990-03-07", "phone": "13800001111"} | more)
    )


def match(*records: proposing.WeakRecord, now: dt.datetime) -> proposing.Proposed:
    """Match these among strangers, under ids that nobody holds."""
    strangers = [replace(stranger, customer_id=-stranger.customer_id) for stranger in STRANGERS]
    done = proposing.propose([*strangers, *records], source="members", now=now)
    assert done is not None
    return done


def write(*found: tuple[int, int], now: dt.datetime, source: str = "members", score: float = 0.9) -> proposing.Proposed:
    """As if matching had found these."""
    pairs = [proposing.Pair(*sorted(pair), score, ALIKE) for pair in found]
    return proposing.write_down(pairs, source=source, now=now)


def two(now: dt.datetime) -> tuple[int, int]:
    return a_customer(now), a_customer(now)


def pairs() -> list[tuple[int, int]]:
    return [(waiting.first_id, waiting.second_id) for waiting in reviewing.list_proposals().items]


def set_apart(one_id: int, other_id: int, now: dt.datetime) -> Decision:
    made = Decision(verdict="apart", why="姐妹", staff_id=None, made_at=now)
    db.session.add(made)
    db.session.flush()
    for side, who in enumerate((one_id, other_id)):
        token = db.session.query(IdentityRow.token).filter_by(customer_id=who).limit(1).scalar()
        db.session.add(DecisionSide(decision_id=made.id, side=side, token=token))
    db.session.flush()
    return made


def test_a_pair_is_proposed_with_score_and_reasons_and_nobody_is_merged(now: dt.datetime) -> None:
    one, other = two(now)

    done = match(told_of(one), told_of(other, phone="13800001171"), now=now)

    assert (done.found, done.new, done.withdrawn) == (1, 1, 0)
    (proposal,) = reviewing.list_proposals().items
    assert (proposal.first_id, proposal.second_id) == (one, other)
    assert 0.5 <= proposal.score <= 1
    assert proposal.reasons == ("姓名相同", "生日相同", "手机号差一位")
    assert db.session.execute(text("SELECT count(*) FROM identity_merge")).scalar() == 0
    assert [identity.who.find_present(who) for who in (one, other)] == [one, other]


def test_the_same_records_in_any_order_change_nothing(now: dt.datetime) -> None:
    records = [told_of(who, phone=phone) for who, phone in zip(two(now), ("13800001111", "13800001171"), strict=True)]
    match(*records, now=now)
    before = reviewing.list_proposals().items

    again = match(*reversed(records), now=now + LATER)

    assert (again.found, again.new, again.withdrawn) == (1, 0, 0)
    assert reviewing.list_proposals().items == before


def test_who_was_decided_apart_is_never_proposed(now: dt.datetime) -> None:
    one, other = two(now)
    set_apart(other, one, now)

    assert write((one, other), now=now).new == 0
    assert pairs() == []


def test_deciding_apart_elsewhere_takes_a_proposal_off_the_list_until_it_is_withdrawn(now: dt.datetime) -> None:
    one, other = two(now)
    write((one, other), now=now)

    made = set_apart(one, other, now)
    assert (pairs(), reviewing.count_proposals()) == ([], 0)

    made.withdrawn_at = now
    db.session.flush()
    assert pairs() == [(one, other)]


@pytest.mark.parametrize("verdict", ["same", "apart", "unclear"])
def test_what_was_settled_is_not_asked_again(now: dt.datetime, verdict: str) -> None:
    one, other = two(now)
    write((one, other), now=now)

    proposing.settle_proposal(other, other_id=one, verdict=verdict, staff_id=7, now=now)

    assert (pairs(), reviewing.find_proposal(one, other)) == ([], None)
    assert write((one, other), now=now + LATER).new == 0
    assert pairs() == []
    with pytest.raises(identity.ProposalMissing):
        proposing.settle_proposal(one, other_id=other, verdict=verdict, staff_id=7, now=now)


def test_a_pair_that_is_alike_no_more_is_withdrawn_by_its_own_source_only(now: dt.datetime) -> None:
    one, other = two(now)
    write((one, other), now=now)

    assert write(now=now + LATER, source="old-crm").withdrawn == 0
    assert pairs() == [(one, other)]

    assert write(now=now + LATER).withdrawn == 1
    assert pairs() == []


def test_what_is_found_again_carries_its_newest_score(now: dt.datetime) -> None:
    one, other = two(now)
    write((one, other), now=now)
    write((one, other), now=now + LATER, score=0.7)

    (proposal,) = reviewing.list_proposals().items
    assert (proposal.score, proposal.found_at) == (0.7, now)


def test_one_person_is_no_pair_and_undoing_brings_the_question_back(now: dt.datetime) -> None:
    one, other = two(now)
    write((one, other), now=now)
    before = db.session.execute(text("SELECT * FROM identity_proposal")).all()

    merged = merge(one, other, now=now)
    assert pairs() == []

    undo(merged, now=now)
    assert db.session.execute(text("SELECT * FROM identity_proposal")).all() == before
    assert pairs() == [(one, other)]


def test_proposals_follow_who_was_merged_away_and_are_asked_once(now: dt.datetime) -> None:
    (one, other), third = two(now), a_customer(now)
    write((one, other), (one, third), (other, third), now=now)
    assert len(pairs()) == 3

    merged = merge(third, one, now=now)

    assert pairs() == [(other, third)], "two proposals about the same two people are one question"
    assert reviewing.count_proposals() == 1
    proposing.settle_proposal(third, other_id=other, verdict="unclear", staff_id=None, now=now)
    assert pairs() == []
    undo(merged, now=now)
    assert pairs() == [(one, third)], "what was settled stays settled, for both former selves"


def test_a_former_selfs_pair_is_not_proposed_anew_under_the_present_one(now: dt.datetime) -> None:
    (one, other), third = two(now), a_customer(now)
    write((one, other), now=now)
    merge(third, one, now=now)

    assert write((other, third), now=now + LATER).new == 0
    assert pairs() == [(other, third)]


def test_nobodys_ids_are_left_out(now: dt.datetime) -> None:
    one, other = two(now)
    assert write((one, 987_654_321), (one, other), now=now).new == 1


def test_the_list_pages_by_cursor_the_likeliest_first(now: dt.datetime) -> None:
    people = [a_customer(now) for _ in range(5)]
    for number, pair in enumerate(itertools.combinations(people, 2)):
        write(pair, now=now, source=f"source-{number}", score=0.6 + number % 3 / 10)
    everything = reviewing.list_proposals().items
    assert [found.score for found in everything] == sorted((found.score for found in everything), reverse=True)

    seen: list[object] = []
    page = reviewing.list_proposals(limit=3)
    while page.next_cursor:
        seen += page.items
        page = reviewing.list_proposals(cursor=page.next_cursor, limit=3)
    assert [*seen, *page.items] == list(everything)
    assert len(everything) == 10
