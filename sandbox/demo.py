"""The mini-program that exists from the start, so that a product and the sandbox agree without any set-up."""

from typing import Any

APPID = "wx5a0d8b3c1e7f4a92"
SECRET = "3f1c9a7be2d84056a1b7c8d9e0f21436"  # noqa: S105 of a world that is not real
NAME = "归一会员中心"
CALLBACK_URL = "https://demo.guiyi.example/callbacks/miniprogram"

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
