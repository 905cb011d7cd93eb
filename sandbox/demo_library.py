"""The public library of template messages that api_add_template picks from, and the industries."""

from typing import Any

# Short id -> title and the fields of the card, label by key. Category templates are numbered and choose their fields.
TEMPLATE_LIBRARY: dict[str, dict[str, Any]] = {
    "TM00015": {
        "title": "订单支付成功",
        "fields": {"first": "", "orderMoneySum": "支付金额", "orderProductName": "商品信息", "remark": ""},
    },
    "OPENTM207685059": {
        "title": "会员积分变动提醒",
        "fields": {"keyword1": "变动积分", "keyword2": "当前积分", "keyword3": "变动时间"},
    },
    "43216": {
        "title": "会员卡到期提醒",
        "fields": {"thing1": "会员姓名", "character_string2": "会员卡号", "time3": "到期时间", "thing4": "温馨提示"},
    },
    "45107": {
        "title": "门店活动通知",
        "fields": {"thing1": "活动名称", "time2": "活动时间", "thing3": "活动地点", "phrase4": "活动状态"},
    },
}

INDUSTRIES: dict[int, tuple[str, str]] = {
    1: ("IT科技", "互联网|电子商务"),
    2: ("IT科技", "IT软件与服务"),
    7: ("金融业", "银行"),
    10: ("餐饮", "餐饮"),
    31: ("消费品", "消费品"),
    39: ("文体娱乐", "传媒"),
    41: ("其它", "其它"),
}
