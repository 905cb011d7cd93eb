"""Waves, and what a difference is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outreach.campaigns.rules import Wave, effect_of, faults_of, shares_of


@given(st.lists(st.integers(1, 60), min_size=1, max_size=10))
def test_waves_that_sum_to_a_hundred_share_it_out_without_gap(percents: list[int]) -> None:
    waves = [Wave(percent, 10 * place) for place, percent in enumerate(percents)]
    if sum(percents) != 100:
        assert faults_of(waves) is not None
        return
    assert faults_of(waves) is None
    parts = [part for begins, ends in shares_of(waves) for part in range(begins, ends)]
    assert parts == list(range(100))


def test_waves_go_forward_in_time() -> None:
    assert faults_of([Wave(50, 60), Wave(50, 0)]) is not None
    assert faults_of([Wave(50, 0), Wave(50, 30 * 24 * 60)]) is not None
    assert faults_of([]) is not None


def test_the_interval_is_newcombes() -> None:
    """Newcombe 1998, table II, example (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    effect = effect_of(treated=70, bought=56, control=80, control_bought=48)
    assert effect.difference == pytest.approx(0.2)
    assert (effect.low, effect.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


@pytest.mark.parametrize(("treated", "control"), [(0, 0), (1000, 0), (1000, 29), (29, 1000)])
def test_too_few_say_nothing(treated: int, control: int) -> None:
    effect = effect_of(treated=treated, bought=treated // 10, control=control, control_bought=0)
    assert effect.difference is None
