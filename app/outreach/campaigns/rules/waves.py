"""Waves: who goes when."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_WAVES = 10
LONGEST_MINUTES = 14 * 24 * 60


@dataclass(frozen=True, slots=True)
class Wave:
    """So many percent of the people, so many minutes after the start."""

    percent: int
    after_minutes: int


def faults_of(waves: Sequence[Wave]) -> str | None:
    """What is wrong with these waves, in Chinese; None where nothing is."""
    if not 1 <= len(waves) <= MOST_WAVES:
        return f"分 1 到 {MOST_WAVES} 批"
    if any(wave.percent < 1 for wave in waves) or sum(wave.percent for wave in waves) != 100:
        return "各批的百分比加起来要等于 100"
    minutes = [wave.after_minutes for wave in waves]
    if minutes != sorted(minutes) or minutes[0] < 0 or minutes[-1] > LONGEST_MINUTES:
        return "各批的时间要从早到晚，最多十四天"
    return None


def shares_of(waves: Sequence[Wave]) -> list[tuple[int, int]]:
    """Of a hundred parts, which belong to each wave: from (inclusive), until (exclusive)."""
    shares, begins = [], 0
    for wave in waves:
        shares.append((begins, begins + wave.percent))
        begins += wave.percent
    return shares
