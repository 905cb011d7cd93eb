"""Rewards of the mall to test with, made through the front door."""

import datetime as dt
from typing import Any

from app.membership import points, rewards
from tests.factories.members import a_member


def a_reward(now: dt.datetime, **changes: Any) -> rewards.Reward:
    """An open gift for 500 points; changes by field."""
    draft = rewards.RewardDraft(**({"name": "中样", "kind": "gift", "points": 500} | changes))
    saved = rewards.save_reward(draft=draft, now=now)
    return rewards.change_state(reward_id=saved.id, state="open")


def a_rich_member(now: dt.datetime, amount: int = 1_000) -> int:
    """A member with points to spend."""
    customer_id = a_member(now)
    points.earn(customer_id=customer_id, amount=amount, cause="test:1", why="测试", now=now)
    return customer_id
