"""Pure decisions of the points mall."""

import datetime as dt
from dataclasses import dataclass

# coupon: a coupon comes at once. gift: fetched in a store with a pick-up code. donation: nothing comes back.
KINDS = ("coupon", "gift", "donation")
STATES = ("draft", "open", "closed")
# done: nothing is left to do. waiting: the gift waits in the store. collected, cancelled: the two ends of waiting.
EXCHANGE_STATES = ("done", "waiting", "collected", "cancelled")


@dataclass(frozen=True)
class RewardDraft:
    """Something of the mall. `template_id` for a coupon only; `total` None: as many as are wanted."""

    name: str
    kind: str
    points: int
    template_id: int | None = None
    total: int | None = None
    per_customer: int | None = None
    words: str = ""


@dataclass(frozen=True)
class Reward:
    """A reward as it stands, for a certain customer: `mine` exchanged already, `why_not` now."""

    id: int
    name: str
    kind: str
    points: int
    template_id: int | None
    total: int | None
    taken: int
    per_customer: int | None
    state: str
    words: str
    built_in: bool = False
    mine: int = 0
    why_not: str | None = None

    @property
    def left(self) -> int | None:
        """How many are left, None for no limit."""
        return None if self.total is None else max(self.total - self.taken, 0)


@dataclass(frozen=True)
class Exchange:
    """One exchange. `pickup_code` for gifts, `coupon_id` for coupons. `repeated`: the same cause had done it before."""

    id: int
    customer_id: int
    reward_id: int
    name: str
    kind: str
    points: int
    state: str
    pickup_code: str | None
    coupon_id: int | None
    exchanged_at: dt.datetime
    collected_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    repeated: bool = False


def faults_of(draft: RewardDraft) -> dict[str, str]:
    """What is wrong with a draft: field → Chinese words."""
    checks = {
        "kind": (draft.kind in KINDS, "种类无效"),
        "points": (draft.points > 0, "积分要大于零"),
        "template_id": ((draft.kind == "coupon") == (draft.template_id is not None), "兑换券要选券，其他不选"),
        "total": (draft.total is None or draft.total >= 0, "数量不能为负"),
        "per_customer": (draft.per_customer is None or draft.per_customer > 0, "每人至少一份"),
    }
    return {name: words for name, (stands, words) in checks.items() if not stands}


def why_not_exchanged(reward: Reward) -> str | None:
    """Why this reward cannot be had now, None when it can: not_open, limit_reached, sold_out. Points are asked of points."""
    if reward.state != "open":
        return "not_open"
    if reward.per_customer is not None and reward.mine >= reward.per_customer:
        return "limit_reached"
    return "sold_out" if reward.left == 0 else None
