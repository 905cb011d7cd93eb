"""The mini-program and the official account that exist from the start, so that a product agrees without set-up."""

from typing import Any

APPID = "wx5a0d8b3c1e7f4a92"
SECRET = "3f1c9a7be2d84056a1b7c8d9e0f21436"  # noqa: S105 of a world that is not real
NAME = "归一会员中心"
PUSH_TOKEN = "GuiyiDemoMiniprogramPush"  # noqa: S105
PUSH_AES_KEY = "GuiyiDemoMiniprogramPushKey0000000000000004"

OA_APPID = "wx7c2e94d1a86b30f5"
OA_SECRET = "9d27c4b1e85f4a0693b2f1d7c0a84e65"  # noqa: S105
OA_NAME = "归一服务号"
OA_TOKEN = "GuiyiDemoAccountPush"  # noqa: S105
OA_AES_KEY = "GuiyiDemoAccountPushKey00000000000000000008"

PAGES = (
    "index",
    "pages/index/index",
    "pages/home/index",
    "pages/member/index",
    "pages/card/index",
    "pages/points/index",
    "pages/coupons/index",
    "pages/rewards/index",
    "pages/bookings/index",
    "pages/orders/index",
    "pages/stores/index",
    "pages/products/index",
    "pages/activity/index",
)

# Fixed ids: a restart must not invalidate what the product has in its settings. Titles as in the platform's library.
TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "template_id": "Gy1BookingReminder0000000000000000000000001",
        "title": "预约到店提醒",
        "fields": {
            "thing1": "预约项目",
            "time2": "预约时间",
            "thing3": "门店名称",
            "thing4": "温馨提示",
        },
    },
    {
        "template_id": "Gy1BookingChanged00000000000000000000000002",
        "title": "预约状态变更通知",
        "fields": {
            "thing1": "预约项目",
            "date2": "预约时间",
            "phrase3": "预约状态",
            "thing4": "备注",
        },
    },
    {
        "template_id": "Gy1CouponExpiring00000000000000000000000003",
        "title": "优惠券过期提醒",
        "fields": {
            "thing1": "优惠券名称",
            "character_string2": "券码",
            "date3": "到期时间",
            "amount4": "优惠金额",
        },
    },
    {
        "template_id": "Gy1PointsChanged000000000000000000000000004",
        "title": "积分变动提醒",
        "fields": {
            "character_string1": "变动积分",
            "number2": "当前积分",
            "time3": "变动时间",
            "thing4": "变动原因",
        },
    },
    {
        "template_id": "Gy1TierChanged00000000000000000000000000005",
        "title": "会员等级变更提醒",
        "fields": {
            "name1": "会员姓名",
            "phrase2": "会员等级",
            "date3": "变更时间",
        },
    },
    {
        "template_id": "Gy1OrderShipped0000000000000000000000000006",
        "title": "订单发货提醒",
        "fields": {
            "character_string1": "订单编号",
            "thing2": "商品名称",
            "phone_number3": "联系电话",
        },
    },
)

# The public library that newtmpl/addtemplate picks from: tid -> title and keywords by kid.
LIBRARY: dict[str, dict[str, Any]] = {
    "401": {
        "title": "报名结果通知",
        "keywords": {1: ("会议地点", "thing"), 2: ("会议时间", "date"), 3: ("备注", "thing")},
    },
    "408": {
        "title": "优惠券过期提醒",
        "keywords": {1: ("券名称", "thing"), 2: ("到期时间", "date"), 3: ("金额", "amount")},
    },
    "512": {
        "title": "预约提醒",
        "keywords": {1: ("项目", "thing"), 2: ("时间", "time"), 3: ("门店", "thing"), 4: ("状态", "phrase")},
    },
    "648": {
        "title": "积分变更通知",
        "keywords": {1: ("变动积分", "number"), 2: ("时间", "date"), 3: ("原因", "thing")},
    },
    "1407": {
        "title": "订单发货通知",
        "keywords": {1: ("单号", "character_string"), 2: ("商品", "thing"), 3: ("时间", "time")},
    },
}

CATEGORIES = ({"id": 616, "name": "公交"}, {"id": 307, "name": "服装/鞋/箱包"}, {"id": 308, "name": "美妆/洗护"})


def _notice(number: int, title: str, fields: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "template_id": f"GyOaNotice{number:033d}",
        "title": title,
        "fields": fields,
        "primary_industry": "消费品",
        "deputy_industry": "消费品",
        **more,
    }


# One per notice that a brand sends to its followers; ids are fixed for the same reason.
OA_TEMPLATES: tuple[dict[str, Any], ...] = (
    _notice(
        1,
        "会员卡绑定成功通知",
        {"thing1": "会员姓名", "character_string2": "会员卡号", "phrase3": "会员等级", "time4": "绑定时间"},
    ),
    _notice(
        2,
        "积分变动通知",
        {"character_string1": "变动积分", "number2": "当前积分", "thing3": "变动原因", "time4": "变动时间"},
    ),
    _notice(
        3, "积分过期提醒", {"number1": "过期积分", "number2": "当前积分", "date3": "过期时间", "thing4": "温馨提示"}
    ),
    _notice(
        4,
        "会员等级变更通知",
        {"thing1": "会员姓名", "phrase2": "原等级", "phrase3": "现等级", "thing4": "变更说明", "time5": "变更时间"},
    ),
    _notice(
        5, "优惠券到账通知", {"thing1": "优惠券名称", "thing2": "适用范围", "date3": "有效期至", "thing4": "使用说明"}
    ),
    _notice(
        6, "优惠券到期提醒", {"thing1": "优惠券名称", "number2": "张数", "date3": "到期时间", "thing4": "温馨提示"}
    ),
    _notice(
        7,
        "预约成功通知",
        {"thing1": "预约项目", "time2": "预约时间", "thing3": "门店名称", "thing4": "温馨提示"},
    ),
    _notice(8, "预约到店提醒", {"thing1": "预约项目", "time2": "预约时间", "thing3": "门店名称", "thing4": "温馨提示"}),
    _notice(
        9, "预约变更通知", {"thing1": "预约项目", "time2": "变更后时间", "thing3": "门店名称", "thing4": "变更原因"}
    ),
    _notice(
        10, "预约取消通知", {"thing1": "预约项目", "time2": "预约时间", "thing3": "门店名称", "thing4": "取消原因"}
    ),
    _notice(
        11,
        "订单发货通知",
        {"character_string1": "订单编号", "thing2": "商品名称", "time3": "发货时间", "thing4": "温馨提示"},
    ),
    _notice(
        12,
        "退款成功通知",
        {"character_string1": "订单编号", "amount2": "退款金额", "const3": "退款方式", "time4": "退款时间"},
        enums={"const3": ["原路退回", "退至零钱", "线下退款"]},
    ),
    _notice(
        13, "候补到号通知", {"thing1": "预约项目", "time2": "可约时间", "thing3": "门店名称", "thing4": "温馨提示"}
    ),
    _notice(
        14, "中奖结果通知", {"thing1": "活动名称", "thing2": "奖品名称", "time3": "中奖时间", "thing4": "领取说明"}
    ),
    # Subscriptions of the account: sent by subscribe/bizsend, each against a grant.
    _notice(
        101, "活动开始提醒", {"thing1": "活动名称", "time2": "开始时间", "thing3": "温馨提示"}, channel="subscription"
    ),
    _notice(
        102, "新品上架通知", {"thing1": "商品名称", "amount2": "价格", "date3": "上架时间"}, channel="subscription"
    ),
)
