"""Two members are one: what holds for every two, in any order."""

import datetime as dt
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.membership.members.rules import merging, tiers
from tests.rooms.members.test_rules import DAY, LADDER, START, amounts

slow = settings(deadline=None)
maybe_given = st.one_of(st.none(), st.tuples(st.integers(0, 3), st.integers(1, 90), st.sampled_from(["paid", "gift"])))


@st.composite
def traits(draw: st.DrawFn, born: int) -> merging.Traits:
    joined = START + draw(st.integers(0, 300)) * DAY
    tier = draw(maybe_given)
    birthday = draw(st.none() | st.just(dt.date(1990, 5, born)))
    return merging.Traits(
        born_customer_id=born,
        card_number=f"80000{born}",
        joined_at=joined,
        member_since=draw(st.dates(dt.date(2000, 1, 1), dt.date(2026, 1, 1))),
        earns_since=START + draw(st.integers(0, 300)) * DAY,
        gift=draw(st.sampled_from([None, "new_customer", "binding"])),
        is_staff=draw(st.booleans()),
        notice_version="1",
        full_name=draw(st.none() | st.just(f"林{born}")),
        birthday=birthday,
        birthday_set_at=joined if birthday else None,
        birthday_corrected_at=None,
        given_level=tier[0] if tier else None,
        given_until=START + tier[1] * DAY if tier else None,
        given_source=tier[2] if tier else None,
    )


three = st.tuples(traits(1), traits(2), traits(3))


@slow
@given(three)
def test_the_order_of_folding_does_not_matter(selves: tuple[merging.Traits, ...]) -> None:
    """Not for dates, flags, gift or given tier; with the eldest self first not for the card and profile either."""
    wholes = {merging.fold_all(order, customer_id=2) for order in permutations(selves)}
    assert len(wholes) == 1
    first, second, third = selves
    left = merging.fold(merging.fold(first, second), third)
    right = merging.fold(first, merging.fold(second, third))
    assert left == right


@slow
@given(three)
def test_C08_the_card_of_who_stays_the_earliest_dates_and_the_better_given_tier(
    selves: tuple[merging.Traits, ...],
) -> None:
    whole = merging.fold_all(selves, customer_id=2)
    assert whole.card_number == "800002"
    assert whole.full_name in {selves[1].full_name} if selves[1].full_name else {None, "林1", "林3"}
    assert whole.joined_at == min(one.joined_at for one in selves)
    assert whole.member_since == min(one.member_since for one in selves)
    assert whole.earns_since == min(one.earns_since for one in selves)
    assert whole.is_staff == any(one.is_staff for one in selves)
    tiers_given = [(one.given_level, one.given_until) for one in selves if one.given_level is not None]
    assert (whole.given_level, whole.given_until) == max(tiers_given, default=(None, None))
    assert (whole.gift is None) == all(one.gift is None for one in selves)


early = st.lists(
    st.builds(tiers.Entry, st.integers(0, 99).map(lambda day: START + day * DAY), amounts), max_size=5
)  # fmt: skip
AT = START + 100 * DAY


def own(born: int, *merges: tuple[int, dt.datetime]) -> merging.Self:
    return merging.Self(born, tiers.begin(START, level=0, until=START + 365 * DAY, why="joined"), merges)


def alone(entries: list[tiers.Entry]) -> tiers.Standing:
    return merging.stand([own(1)], {1: entries}, LADDER, before=AT)[0]


@slow
@given(early, early)
def test_M10_growth_is_added_and_the_tier_never_below_the_better(
    first: list[tiers.Entry], second: list[tiers.Entry]
) -> None:
    one, other = alone(first), alone(second)
    both, steps = merging.stand([own(1), own(2, (7, AT))], {1: first, 2: second}, LADDER)

    assert both.growth == one.growth + other.growth
    best = max((one.level, one.until), (other.level, other.until))
    reached = LADDER.reached(both.growth)
    assert (both.level, both.until) == ((reached, AT + 365 * DAY) if reached > best[0] else best)
    assert [step.since for step in steps] == [AT]


@slow
@given(early, early, early)
def test_who_was_united_first_does_not_change_level_growth_and_dates(
    first: list[tiers.Entry], second: list[tiers.Entry], third: list[tiers.Entry]
) -> None:
    entries = {1: first, 2: second, 3: third}
    ways = [
        [own(1), own(2, (7, AT)), own(3, (8, AT))],
        [own(1), own(3, (7, AT)), own(2, (8, AT))],
        [own(1), own(2, (8, AT)), own(3, (7, AT), (8, AT))],
    ]
    stood = [merging.stand(way, entries, LADDER)[0] for way in ways]
    assert len({(one.level, one.growth, one.counts_from) for one in stood}) == 1


def test_M08_the_united_tier_is_judged_at_its_end_by_growth_made_since() -> None:
    entries = {
        1: [tiers.Entry(START + DAY, 600), tiers.Entry(AT + DAY, 800)],
        2: [tiers.Entry(START + DAY, 600)],
    }
    standing, _ = merging.stand([own(1), own(2, (7, AT))], entries, LADDER)
    kept, _ = tiers.review_until(standing, standing.until, LADDER)
    assert (standing.level, standing.until, standing.kept) == (1, AT + 365 * DAY, 800)
    assert (kept.level, kept.base_why) == (1, "kept")


def test_growth_of_a_self_without_a_card_is_on_the_cards_own_page() -> None:
    page = merging.Page(1, tiers.begin(START, level=0, until=AT, why="joined"), (own(1), own(2, (7, AT))))
    assert [page.self_of(born).born_customer_id for born in (1, 2, 9)] == [1, 2, 1]
    assert not page.is_joint
