"""What flags words in every editor: claims that the advertising law forbids or that complaints come from (禁用语)."""

import re
from dataclasses import dataclass

_ABSOLUTE = "广告法禁止绝对化用语"
_MEDICAL = "化妆品和日用品不得明示或暗示医疗作用"
_PROMISE = "效果因人而异，不得作保证"
_HARMLESS = "安全性断言容易误导，广告法禁止"
_MONEY = "像中奖诈骗短信，运营商会拦截"
_SHARING = "平台禁止诱导分享和关注"

# A pattern each, so that 最近 or 第一次 are not taken for claims.
FORBIDDEN: tuple[tuple[str, str], ...] = (
    (r"最(?!近|后|晚|多|少|早|终|初|低消费)\w?", _ABSOLUTE),
    (r"第一(?!次|步|天|时间|单|件|个|位|周|名单)", _ABSOLUTE),
    (r"唯一|独一无二|史无前例|空前绝后|绝无仅有", _ABSOLUTE),
    (r"顶级|极品|极致|王牌|国家级|世界级|全网最低|全国首发|销量冠军", _ABSOLUTE),
    (r"绝对|百分之百|100\s*[%％]", _ABSOLUTE),
    (r"根治|根除|治愈|疗效|药用|处方|消炎|杀菌率|抗过敏治疗", _MEDICAL),
    (r"特效|速效|立竿见影|药到病除|[一1三3七7]天见效", _PROMISE),
    (r"保证|包治|无效退款|永不反弹|彻底消除", _PROMISE),
    (r"无副作用|零副作用|无任何副作用|零风险|孕妇可放心使用|纯天然无添加", _HARMLESS),
    (r"恭喜您?中大奖|免费送钱|点击领现金|刷单|返现到账", _MONEY),
    (r"分享到朋友圈[可即]?[领得送]|转发[可即]?[领得送]|关注[可即]?[领得送]", _SHARING),
)
_PATTERNS = tuple((re.compile(pattern), reason) for pattern, reason in FORBIDDEN)


@dataclass(frozen=True)
class Flag:
    """A word that should not be there, and why."""

    word: str
    reason: str


def flags(text: str) -> list[Flag]:
    """What in a text is not allowed to be said, each word once."""
    found = {match[0]: reason for pattern, reason in _PATTERNS for match in pattern.finditer(text)}
    return [Flag(word, reason) for word, reason in found.items()]
