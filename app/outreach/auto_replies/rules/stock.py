"""What ships (field rules 2.5): welcomes by source, keywords, the menu. The brand may change all of it and put it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_JOIN = "[领取会员卡](小程序:pages/card/index)"
_ASK = "[转人工](回复:人工)"
_BIND = (
    "还没有认出您的会员卡。点一下就能领卡或绑定老卡，积分和券都会跟过来：\n"
    f"{_JOIN}\n不想给手机号也没关系，门店、商品和活动都可以先看。"
)


@dataclass(frozen=True)
class Shipped:
    """A rule as it ships. `priority`: the lower goes first."""

    name: str
    occasion: str
    matching: str
    content: Mapping[str, Any]
    words: Sequence[str] = field(default_factory=tuple)
    priority: int = 100


def _text(body: str, guest: str = "") -> dict[str, Any]:
    return {"kind": "text", "body": body} | ({"guest": guest} if guest else {})


_WELCOMES = {
    "welcome.store": Shipped(
        "欢迎 · 门店码",
        "welcome",
        "prefix",
        _text(
            "欢迎来到{{门店|我们的门店}}！\n我是导购{{导购}}，有什么想找的直接告诉我。\n地址：{{门店地址}}\n"
            "到店前可以先约好：[预约到店](小程序:pages/bookings/index)\n"
            f"积分和券在这里：{_JOIN}"
        ),
        ("store.",),
    ),
    "welcome.parcel": Shipped(
        "欢迎 · 包裹卡",
        "welcome",
        "prefix",
        _text(
            "谢谢您把我们带回家！\n使用小贴士：先在手腕内侧试一点，没有不适再上脸；开封后请在半年内用完。\n"
            "给您留了一张小样券：[去领小样券](小程序:pages/coupons/index?from=parcel)\n"
            f"{_JOIN}，这一单的积分也会算进去。"
        ),
        ("parcel",),
    ),
    "welcome.ad": Shipped(
        "欢迎 · 广告",
        "welcome",
        "prefix",
        _text(
            "欢迎！新朋友有一张满 99 减 20 的新客券：\n[领新客券](小程序:pages/coupons/index?from=ad)\n"
            "不知道选什么？回复 门店，看看离您最近的店。"
        ),
        ("ad",),
    ),
    "welcome.friend": Shipped(
        "欢迎 · 老带新",
        "welcome",
        "prefix",
        _text(
            "{{好友|您的朋友}}邀请您来的，欢迎！\n您领卡并完成首单后，两位各得一张 20 元券：\n"
            "[领取会员卡](小程序:pages/card/index?from=friend)"
        ),
        ("friend",),
    ),
    "welcome.default": Shipped(
        "欢迎 · 默认",
        "welcome",
        "any",
        _text(
            f"欢迎！您的会员卡在这里：\n{_JOIN}\n门店和网店的积分都记在一起。\n"
            f"也可以直接问我：积分、优惠券、门店、订单；要找人请回复 人工。"
        ),
        priority=900,
    ),
    "welcome.again": Shipped("再次关注 · 不打扰", "welcome_again", "any", {"kind": "silent"}, priority=900),
    "scan.store": Shipped(
        "扫门店码（已关注）",
        "scan",
        "prefix",
        _text(
            "您在{{门店|我们的门店}}。\n今天为您服务的是{{导购}}。\n"
            "[出示会员码](小程序:pages/card/index) · [我的券](小程序:pages/coupons/index)"
        ),
        ("store.",),
    ),
}


def _word(name: str, words: str, content: Mapping[str, Any], priority: int) -> Shipped:
    return Shipped(name, "keyword", "contains", content, tuple(words.split()), priority)


# In the order in which they answer: who wants out or a person is heard first, whatever else stands in the sentence.
_KEYWORDS = {
    "stop": Shipped(
        "退订",
        "keyword",
        "exact",
        {
            "kind": "refuse",
            "body": "已退订，今后不再给您发促销消息。\n订单、积分这些您自己的消息照常。\n想恢复时回复 恢复 即可。",
        },
        ("退订", "TD", "T", "取消订阅", "不要再发", "别再发了"),
        5,
    ),
    "start_again": Shipped(
        "恢复订阅",
        "keyword",
        "exact",
        {"kind": "allow", "body": "好的，有适合您的活动时会再告诉您。随时回复 TD 退订。"},
        ("恢复", "恢复订阅"),
        6,
    ),
    "person": _word(
        "人工",
        "人工 转人工 找客服 联系客服 在线客服 真人",
        {
            "kind": "hand_over",
            "body": "已经为您叫人，前面还有 {{排队人数}} 位。\n大约 {{等待时间}} 内有人回复，您可以先把问题写在这里。",
            "away": "现在没有人在，我们{{下次上班|上班后}}回来，您的话已经记下，会先回复您。\n服务时间：{{服务时间}}",
        },
        10,
    ),
    "returns": _word(
        "退换/退款",
        "退换 退款 退货 换货 售后",
        _text(
            "收到货 7 天内，未拆封可以退换；收到坏的、错的，随时可以。\n您最近的订单：\n{{订单列表}}\n"
            f"[去申请](小程序:pages/orders/index) · {_ASK}\n门店买的，带小票到任意一家店都能办。",
            f"收到货 7 天内，未拆封可以退换；收到坏的、错的，随时可以。\n[去申请](小程序:pages/orders/index) · {_ASK}\n"
            "门店买的，带小票到任意一家店都能办。",
        ),
        120,
    ),
    "orders": _word(
        "订单/物流",
        "订单 物流 快递 发货 到哪了",
        _text(
            "您最近的订单：\n{{订单列表|还没有看到您的订单}}\n[看全部订单和物流](小程序:pages/orders/index)\n"
            "别处买的还没显示？在订单页用小票号可以补上。",
            f"认出您以后才能查订单：\n{_JOIN}\n也可以直接打开 [我的订单](小程序:pages/orders/index)",
        ),
        130,
    ),
    "invoice": _word(
        "发票",
        "发票 开票",
        _text(
            "网店订单：[在订单里申请电子发票](小程序:pages/orders/index)，一个工作日内发到您的邮箱。\n"
            "门店：凭小票在店里开，30 天内都可以。"
        ),
        130,
    ),
    "points": _word(
        "积分",
        "积分 我的积分 查积分",
        _text(
            "您的可用积分：{{积分}} 分\n待生效：{{待生效积分}} 分\n其中 {{到期积分}} 分 {{到期日}} 到期，记得用掉\n"
            "欠分：{{欠分}} 分，之后得到的会先补上\n{{等级}}，再积 {{差成长值}} 成长值到{{下一等级}}\n"
            "[积分明细](小程序:pages/points/index) · [积分商城](小程序:pages/rewards/index)",
            _BIND,
        ),
        140,
    ),
    "birthday": _word(
        "生日",
        "生日",
        _text(
            "生日当月有一张 8.8 折生日券（封顶 50 元），自动放进您的券包。\n您登记的生日：{{生日|还没有登记}}\n"
            "[填写或查看生日](小程序:pages/member/index)（填好 7 天后生效，一年可以更正一次）",
            f"会员生日当月有一张 8.8 折生日券（封顶 50 元）。\n{_JOIN}",
        ),
        140,
    ),
    "coupons": _word(
        "券",
        "券 优惠券 我的券 红包",
        _text(
            "可以用的券：{{券数}} 张\n{{券列表|现在没有可用的券}}\n[打开券包](小程序:pages/coupons/index)\n"
            "[看看能领什么](小程序:pages/coupons/index?tab=offers)",
            _BIND,
        ),
        150,
    ),
    "card": _word(
        "会员卡/绑定",
        "会员卡 会员 绑定 绑卡 领卡 入会",
        _text(
            "您是{{等级}}，卡号尾号 {{卡号尾号}}，有效期到 {{等级有效期}}。\n再积 {{差成长值}} 成长值到{{下一等级}}\n"
            "[出示会员码](小程序:pages/card/index) · [绑定老卡](小程序:pages/card/index?tab=old)",
            _BIND,
        ),
        150,
    ),
    "booking": _word(
        "预约",
        "预约 约妆 化妆 试用",
        _text(
            "您的下一次预约：{{下次预约|现在没有}}\n[预约到店](小程序:pages/bookings/index)\n"
            "开始前 2 小时都可以在小程序里免费改期或取消。"
        ),
        150,
    ),
    "stores": _word(
        "门店",
        "门店 地址 在哪里 营业时间 附近",
        _text(
            "把您的位置发给我（点右下角 ＋ → 位置），告诉您最近的三家店和营业时间。\n"
            "位置只用来回答这一次。\n[按城市找门店](小程序:pages/stores/index)"
        ),
        160,
    ),
    "activity": _word(
        "活动",
        "活动 优惠 打折 新品",
        _text("正在进行的活动都在这里：\n[看看最近的活动](小程序:pages/activity/index)\n下单时会自动选好用哪张券。"),
        160,
    ),
    "guide": _word(
        "我的导购",
        "我的导购 导购",
        _text(
            "您的导购在会员中心里，可以直接加好友、约时间：\n[我的导购](小程序:pages/member/index)\n"
            f"急的话也可以 {_ASK}"
        ),
        160,
    ),
    "hello": Shipped(
        "打招呼",
        "keyword",
        "exact",
        _text("您好！想问什么直接说，例如：积分、优惠券、门店、订单；要找人请回复 人工。"),
        ("你好", "您好", "在吗", "hi", "hello", "哈喽"),
        190,
    ),
}

_OTHERS = {
    "location": Shipped(
        "发送位置 · 最近的门店",
        "location",
        "any",
        _text(
            "离您最近的门店：\n{{门店列表|附近还没有我们的门店}}\n[预约到店](小程序:pages/bookings/index) · "
            "[全部门店](小程序:pages/stores/index)"
        ),
        priority=900,
    ),
    "default": Shipped(
        "没听懂",
        "default",
        "any",
        _text(f"这个我还不会。您是不是想问：\n{{{{猜你想问}}}}\n都不是？{_ASK}"),
        priority=900,
    ),
    "after_hours": Shipped(
        "下班以后",
        "after_hours",
        "any",
        _text(
            "现在没有人在，我们{{下次上班|上班后}}回来（{{服务时间}}）。\n这些我现在就能回答：\n{{猜你想问}}\n"
            "要我们回来后找您，请回复 人工。"
        ),
        priority=900,
    ),
}
RULES: Mapping[str, Shipped] = {**_WELCOMES, **_KEYWORDS, **_OTHERS}


def _page(name: str, path: str) -> dict[str, Any]:
    return {"type": "miniprogram", "name": name, "pagepath": path}


def _say(name: str, words: str) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": words}


MENU: Sequence[Mapping[str, Any]] = (
    {
        "name": "会员中心",
        "sub_button": [
            _page("会员卡", "pages/card/index"),
            _page("积分商城", "pages/rewards/index"),
            _page("我的券", "pages/coupons/index"),
        ],
    },
    {"name": "到店", "sub_button": [_say("附近门店", "门店"), _page("预约", "pages/bookings/index")]},
    {
        "name": "服务",
        "sub_button": [
            _say("我的导购", "我的导购"),
            _page("订单", "pages/orders/index"),
            _say("联系客服", "人工"),
        ],
    },
)
