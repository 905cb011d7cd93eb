"""The notices that ship."""

from app.outreach.materials.rules.stock import StockPurpose, service, subscription, template, text

_HOUR, _DAY = 60, 24 * 60
_BOOKING = "pages/bookings/index"
_VISIT = {"thing1": "{{项目}}", "time2": "{{时间}}", "thing3": "{{门店}}"}
_CHANGED = "预约状态变更通知"

_MEMBERSHIP = (
    StockPurpose(
        "card_bound", "绑卡成功", 70, _DAY, ("时间",),
        (
            template(
                "会员卡绑定成功通知", "pages/card/index", thing1="{{姓名|会员}}",
                character_string2="****{{卡号尾号|****}}", phrase3="{{等级|会员}}", time4="{{时间}}",
            ),
            service("{{昵称|您好}}，会员卡领好了。门店和网店的积分都记在一起，下次结账报手机号就行。", "pages/card/index"),
        ),
    ),
    StockPurpose(
        "points_changed", "积分变动", 110, _DAY, ("变动", "原因", "时间"),
        (
            template(
                "积分变动通知", "pages/points/index", character_string1="{{变动}}", number2="{{积分|0}}",
                thing3="{{原因}}", time4="{{时间}}",
            ),
            subscription(
                "积分变动提醒", "pages/points/index", character_string1="{{变动}}", number2="{{积分|0}}",
                time3="{{时间}}", thing4="{{原因}}",
            ),
            service("积分 {{变动}}（{{原因}}），现在有 {{积分|0}} 分。", "pages/points/index"),
        ),
    ),
    StockPurpose(
        "points_expiring", "积分将过期", 140, _DAY, ("将过期积分", "到期日", "剩余天数"),
        (
            template(
                "积分过期提醒", "pages/rewards/index", number1="{{将过期积分}}", number2="{{积分|0}}",
                date3="{{到期日}}", thing4="还有{{剩余天数}}天，可换礼或抵现",
            ),
            service("您有 {{将过期积分}} 分将在 {{到期日}} 过期，还可以换小样或抵现。", "pages/rewards/index"),
            text(
                "SMS_100000004", "您有${points}积分将于${date}过期，请及时使用。",
                points="{{将过期积分}}", date="{{到期日}}",
            ),
        ),
    ),
    StockPurpose(
        "tier_raised", "升级", 90, _DAY, ("原等级", "新等级", "时间"),
        (
            template(
                "会员等级变更通知", "pages/member/index", thing1="{{姓名|会员}}", phrase2="{{原等级|会员}}",
                phrase3="{{新等级}}", thing4="新权益已经生效", time5="{{时间}}",
            ),
            subscription(
                "会员等级变更提醒", "pages/member/index", name1="{{姓名|会员}}", phrase2="{{新等级}}", date3="{{时间}}",
            ),
            service("{{昵称|您好}}，您已升为{{新等级}}，新权益现在就能用。", "pages/member/index"),
        ),
    ),
    StockPurpose(
        "tier_falling", "将降级", 120, 2 * _DAY, ("等级", "到期日", "还差"),
        (
            template(
                "会员等级变更通知", "pages/member/index", thing1="{{姓名|会员}}", phrase2="{{等级}}", phrase3="待保级",
                thing4="再消费{{还差}}可保级", time5="{{到期日}} 23:59",
            ),
            service("您的{{等级}}到 {{到期日}} 为止，再消费 {{还差}} 就能保住。", "pages/member/index"),
        ),
    ),
)  # fmt: skip

_COUPONS = (
    StockPurpose(
        "coupon_received", "券到账", 100, _DAY, ("券名", "到期日"),
        (
            template(
                "优惠券到账通知", "pages/coupons/index", thing1="{{券名}}", thing2="门店和网店通用",
                date3="{{到期日}}", thing4="结账前出示即可使用",
            ),
            service("{{券名}}到账了，{{到期日}} 前都能用。", "pages/coupons/index"),
        ),
    ),
    StockPurpose(
        "coupon_expiring", "券将过期", 130, _DAY, ("券名", "到期日"),
        (
            template(
                "优惠券到期提醒", "pages/coupons/index", thing1="{{券名}}", number2="1", date3="{{到期日}}",
                thing4="用完再走，过期不补",
            ),
            service("您的{{券名}}到 {{到期日}} 为止，别忘了用。", "pages/coupons/index"),
            text(
                "SMS_100000007", "您的${coupon}将于${date}过期，请及时使用。", coupon="{{券名}}", date="{{到期日}}",
            ),
        ),
    ),
)  # fmt: skip

_BOOKINGS = (
    StockPurpose(
        "booking_confirmed", "预约成功", 40, _DAY, ("项目", "时间", "门店"),
        (
            template("预约成功通知", _BOOKING, **_VISIT, thing4="到店报手机号或出示会员码"),
            subscription(
                _CHANGED, _BOOKING, thing1="{{项目}}", date2="{{时间}}", phrase3="预约成功", thing4="{{门店}}等您来",
            ),
            service("约好了：{{项目}}，{{时间}}，{{门店}}。改期请至少提前 2 小时。", _BOOKING),
            text(
                "SMS_100000008", "您预约的${item}已成功，${time}，${store}，期待您的光临。",
                item="{{项目}}", time="{{时间}}", store="{{门店}}",
            ),
        ),
    ),
    StockPurpose(
        "booking_tomorrow", "预约明日提醒", 30, 16 * _HOUR, ("项目", "时间", "门店"),
        (
            template("预约到店提醒", _BOOKING, **_VISIT, thing4="来不了请点开改期或取消"),
            subscription("预约到店提醒", _BOOKING, **_VISIT, thing4="来不了请点开改期或取消"),
            service("明天见：{{项目}}，{{时间}}，{{门店}}。来不了可以点开改期。", _BOOKING),
            text(
                "SMS_100000009", "提醒您：${time}在${store}预约了${item}，如需改期请提前告知。",
                item="{{项目}}", time="{{时间}}", store="{{门店}}",
            ),
        ),
    ),
    StockPurpose(
        "booking_changed", "预约变更", 20, 12 * _HOUR, ("项目", "时间", "门店"),
        (
            template("预约变更通知", _BOOKING, **_VISIT, thing4="已按新时间为您留位"),
            subscription(
                _CHANGED, _BOOKING, thing1="{{项目}}", date2="{{时间}}", phrase3="已改时间", thing4="{{门店}}，请按新时间来",
            ),
            service("预约改好了：{{项目}}，{{时间}}，{{门店}}。", _BOOKING),
            text(
                "SMS_100000010", "您预约的${item}有变更：${time}，${store}，${note}。",
                item="{{项目}}", time="{{时间}}", store="{{门店}}", note="请按新时间到店",
            ),
        ),
    ),
    StockPurpose(
        "booking_cancelled", "预约取消", 20, 12 * _HOUR, ("项目", "时间", "门店", "原因"),
        (
            template("预约取消通知", _BOOKING, **_VISIT, thing4="{{原因}}"),
            subscription(
                _CHANGED, _BOOKING, thing1="{{项目}}", date2="{{时间}}", phrase3="已经取消", thing4="{{原因}}",
            ),
            service("您预约的{{项目}}（{{时间}}，{{门店}}）已取消：{{原因}}。点开可以另约时间。", _BOOKING),
            text(
                "SMS_100000011", "您预约的${item}已取消（${time}，${store}）。",
                item="{{项目}}", time="{{时间}}", store="{{门店}}",
            ),
        ),
    ),
    StockPurpose(
        "place_offered", "候补到号", 10, 15, ("项目", "时间", "门店", "保留到"),
        (
            template("候补到号通知", _BOOKING, **_VISIT, thing4="请在{{保留到}}前确认，过时不候"),
            subscription(
                _CHANGED, _BOOKING, thing1="{{项目}}", date2="{{时间}}", phrase3="候补到号", thing4="请在{{保留到}}前确认",
            ),
            service("有位置了：{{项目}}，{{时间}}，{{门店}}。为您留到 {{保留到}}，点开确认。", _BOOKING),
            text(
                "SMS_100000014", "您候补的${item}有位置了：${time}，${store}，请在${deadline}前确认。",
                item="{{项目}}", time="{{时间}}", store="{{门店}}", deadline="{{保留到}}",
            ),
        ),
        pressing=True,
    ),
)  # fmt: skip

_ORDERS = (
    StockPurpose(
        "order_shipped", "发货", 60, _DAY, ("订单号", "商品", "时间"),
        (
            template(
                "订单发货通知", "pages/orders/index", character_string1="{{订单号}}",
                thing2="{{商品|您购买的商品}}", time3="{{时间}}", thing4="点开看物流",
            ),
            service("{{商品|您购买的商品}}已经寄出，订单 {{订单号}}。", "pages/orders/index"),
        ),
    ),
    StockPurpose(
        "order_refunded", "退款", 50, _DAY, ("订单号", "金额", "时间"),
        (
            template(
                "退款成功通知", "pages/orders/index", character_string1="{{订单号}}", amount2="{{金额}}",
                const3="原路退回", time4="{{时间}}",
            ),
            service("订单 {{订单号}} 已退款 {{金额}}，原路退回，请留意到账。", "pages/orders/index"),
            text(
                "SMS_100000013", "您的订单${order}已退款${amount}元，请留意到账。",
                order="{{订单号}}", amount="{{金额}}",
            ),
        ),
    ),
)  # fmt: skip

_OTHERS = (
    StockPurpose(
        "prize_won", "中奖", 80, _DAY, ("活动", "奖品", "时间", "领取截止"),
        (
            template(
                "中奖结果通知", "pages/activity/index", thing1="{{活动}}", thing2="{{奖品}}", time3="{{时间}}",
                thing4="点开查看领取方式",
            ),
            service("{{昵称|您好}}，您在{{活动}}中得到{{奖品}}，点开查看领取方式。", "pages/activity/index"),
            text("SMS_100000015", "恭喜您获得${prize}，请在${date}前领取。", prize="{{奖品}}", date="{{领取截止|活动结束}}"),
        ),
    ),
    StockPurpose(
        "bind_prompt", "关注后领卡提示", 45, 1, (),
        (service("", "pages/card/index", title="领会员卡，门店和网店积分记在一起"),),
        pressing=True,
    ),
    StockPurpose("desk_answer", "人工回复", 5, 2 * _DAY, ("内容",), (service("{{内容}}"),), pressing=True),
    StockPurpose("hand_over", "转人工提示", 5, 30, ("内容",), (service("{{内容}}"),), pressing=True),
    StockPurpose(
        "test_send", "试发", 5, 30, ("内容",),
        (
            service("【试发】{{内容}}"),
            text("SMS_100000021", "${words}，拒收请回复R", words="试发：{{内容}}"),
        ),
        pressing=True,
    ),
)  # fmt: skip

STOCK: tuple[StockPurpose, ...] = _MEMBERSHIP + _COUPONS + _BOOKINGS + _ORDERS + _OTHERS
