"""The points mall: points for coupons and gifts.

Promises: stock and per-member limits are kept by the statement that takes; points and goods move in one transaction or not
at all; an exchange repeated is the first exchange again.
"""

from app.membership.rewards import reactions as _reactions  # noqa: F401  (registers what it does when others announce)
from app.membership.rewards.facts import RewardCancelled as RewardCancelled
from app.membership.rewards.facts import RewardCollected as RewardCollected
from app.membership.rewards.facts import RewardExchanged as RewardExchanged
from app.membership.rewards.operations import cancel as cancel
from app.membership.rewards.operations import change_state as change_state
from app.membership.rewards.operations import collect_by_code as collect_by_code
from app.membership.rewards.operations import exchange as exchange
from app.membership.rewards.operations import save_reward as save_reward
from app.membership.rewards.operations import ship_stock as ship_stock
from app.membership.rewards.queries import get_reward as get_reward
from app.membership.rewards.queries import list_exchanges as list_exchanges
from app.membership.rewards.queries import list_rewards as list_rewards
from app.membership.rewards.refusals import AlreadyCollected as AlreadyCollected
from app.membership.rewards.refusals import Cancelled as Cancelled
from app.membership.rewards.refusals import CauseReused as CauseReused
from app.membership.rewards.refusals import ExchangeUnknown as ExchangeUnknown
from app.membership.rewards.refusals import LimitReached as LimitReached
from app.membership.rewards.refusals import MembersOnly as MembersOnly
from app.membership.rewards.refusals import NotCancellable as NotCancellable
from app.membership.rewards.refusals import NotOpen as NotOpen
from app.membership.rewards.refusals import RewardUnknown as RewardUnknown
from app.membership.rewards.refusals import RewardWrong as RewardWrong
from app.membership.rewards.refusals import SoldOut as SoldOut
from app.membership.rewards.rules import Exchange as Exchange
from app.membership.rewards.rules import Reward as Reward
from app.membership.rewards.rules import RewardDraft as RewardDraft
