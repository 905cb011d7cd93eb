"""What ships (field rules 2.5): every service notice with its words, found by the titles of the platform's templates.

Templates differ from brand to brand: each words names the title and the fields it is written for, and is given the id of the
account's own template of that title. Where an account has none, the words wait without an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# What each occasion brings: name → (what it is, a sample).
_VALUES: dict[str, tuple[str, str]] = {
    "时间": ("什么时候", "2026年5月20日 15:00"),
    "变动": ("积分变动，带正负号", "+120"),
    "原因": ("为什么", "门店消费"),
    "将过期积分": ("将要过期的积分", "860"),
    "到期日": ("最后一天", "2026年6月30日"),
    "剩余天数": ("还有几天", "7"),
    "原等级": ("变动前的等级", "银卡"),
    "新等级": ("变动后的等级", "金卡"),
    "等级": ("现在的等级", "金卡"),
    "还差": ("再消费多少可以保级", "¥320"),
    "券名": ("券的名称", "满199减30复购券"),
    "项目": ("预约的服务", "肤质检测"),
    "门店": ("预约的门店", "杭州湖滨店"),
    "保留到": ("位置保留到几点", "15:20"),
    "订单号": ("订单编号", "2026052000018"),
    "商品": ("买的商品", "丝绒唇釉"),
    "金额": ("退款金额", "¥326"),
    "活动": ("活动名称", "周年庆抽奖"),
    "奖品": ("得到的奖品", "旅行装礼盒"),
    "领取截止": ("最晚哪天领取", "2026年6月30日"),
    "内容": ("要试发的文字", "周末到店送小样"),
}
# Those that the occasion does not always bring: words that use them say what stands there instead.
_SOMETIMES = frozenset({"原等级", "商品", "领取截止"})


@dataclass(frozen=True)
class StockWords:
    """Words that ship. `title`: of the platform's template; `code`: of the provider's, for texts."""

    channel: str
    fields: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    code: str = ""
    body: str = ""
    page: str = ""


@dataclass(frozen=True)
class StockPurpose:
    """A purpose that ships with its words; the order of the words is the order of the channels."""

    code: str
    name: str
    priority: int
    valid_minutes: int
    brings: tuple[str, ...]
    words: tuple[StockWords, ...]
    pressing: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        """Which are tried, in this order."""
        return tuple(dict.fromkeys(words.channel for words in self.words))

    @property
    def when_in_doubt(self) -> str:
        """The platform knows our id of a template message and drops the second; nothing else has such a thing."""
        return "retry" if "oa_template" in self.channels else "hold"

    @property
    def variables(self) -> dict[str, dict[str, str]]:
        """What each occasion brings, as a purpose keeps it."""
        return {
            name: {"title": _VALUES[name][0], "sample": _VALUES[name][1]}
            | ({"sometimes": "1"} if name in _SOMETIMES else {})
            for name in self.brings
        }


def template(title: str, page: str, **fields: str) -> StockWords:
    """Words of an official-account template."""
    return StockWords("oa_template", fields, title, page=page)


def subscription(title: str, page: str, **fields: str) -> StockWords:
    """Words of a mini-program subscription."""
    return StockWords("mp_subscription", fields, title, page=page)


def service(body: str, page: str = "", **fields: str) -> StockWords:
    """Words of customer service."""
    return StockWords("oa_service", fields, body=body, page=page)


def text(code: str, body: str, **fields: str) -> StockWords:
    """Words of a text message."""
    return StockWords("sms", fields, code=code, body=body)
