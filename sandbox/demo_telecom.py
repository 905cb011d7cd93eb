"""The account at Alibaba Cloud that exists from the start: its key, its signature, its text and voice templates."""

from typing import Any

ACCESS_KEY_ID = "LTAI5tSandboxGuiyi000001"
ACCESS_KEY_SECRET = "kZ3v8Qm2Wf7Lr0Tx5Yb1Nc6Hd9Js4P"  # noqa: S105 of a world that is not real
SIGN = "归一"
SHOW_NUMBER = "05718888001"

CODE, NOTICE, PROMOTION = 0, 1, 2

# Codes are fixed, as the official-account templates are: a restart must not invalidate what the product keeps.
SMS_TEMPLATES: tuple[dict[str, Any], ...] = (
    {"code": "SMS_100000001", "kind": CODE, "content": "验证码${code}，5分钟内有效，请勿告诉他人。"},
    {"code": "SMS_100000002", "kind": NOTICE, "content": "您已成为${brand}会员，卡号尾号${tail}，现有${points}积分。"},
    {"code": "SMS_100000003", "kind": NOTICE, "content": "您的积分变动${change}，现有${points}积分。"},
    {"code": "SMS_100000004", "kind": NOTICE, "content": "您有${points}积分将于${date}过期，请及时使用。"},
    {"code": "SMS_100000005", "kind": NOTICE, "content": "您的会员等级已变更为${tier}，有效期至${date}。"},
    {"code": "SMS_100000006", "kind": NOTICE, "content": "您收到一张${coupon}，有效期至${date}，到店或商城可用。"},
    {"code": "SMS_100000007", "kind": NOTICE, "content": "您的${coupon}将于${date}过期，请及时使用。"},
    {"code": "SMS_100000008", "kind": NOTICE, "content": "您预约的${item}已成功，${time}，${store}，期待您的光临。"},
    {
        "code": "SMS_100000009",
        "kind": NOTICE,
        "content": "提醒您：${time}在${store}预约了${item}，如需改期请提前告知。",
    },
    {"code": "SMS_100000010", "kind": NOTICE, "content": "您预约的${item}有变更：${time}，${store}，${note}。"},
    {"code": "SMS_100000011", "kind": NOTICE, "content": "您预约的${item}已取消（${time}，${store}）。"},
    {"code": "SMS_100000012", "kind": NOTICE, "content": "您的订单${order}已发货，${carrier}，单号${number}。"},
    {"code": "SMS_100000013", "kind": NOTICE, "content": "您的订单${order}已退款${amount}元，请留意到账。"},
    {
        "code": "SMS_100000014",
        "kind": NOTICE,
        "content": "您候补的${item}有位置了：${time}，${store}，请在${deadline}前确认。",
    },
    {"code": "SMS_100000015", "kind": NOTICE, "content": "恭喜您获得${prize}，请在${date}前领取。"},
    {
        "code": "SMS_100000020",
        "kind": PROMOTION,
        "content": "${name}，${store}${offer}，${date}前有效，详情${link}，拒收请回复R",
        "links": ["link"],
    },
    {"code": "SMS_100000021", "kind": PROMOTION, "content": "${words}，拒收请回复R"},
)

VOICE_TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "code": "TTS_100000001",
        "content": "您好，这里是${brand}的自动语音。${name}，您预约的${item}在${time}，地点${store}。",
    },
    {"code": "TTS_100000002", "content": "您好，这里是${brand}的自动语音。${words}。"},
)
