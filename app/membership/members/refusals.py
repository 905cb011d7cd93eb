"""What members refuses."""

from app.kernel.errors import Conflict, Forbidden, NotFound, TooOften, Unprocessable


class NotMember(NotFound):
    """The customer has no card (yet)."""

    code = "card.none"
    title = "还没有领取会员卡"
    advice = "先领取会员卡"


class PhoneIsMember(Conflict):
    """The number belongs to a member (C04). Data: `name` as 林*, `phone_tail`: its last two digits."""

    code = "card.phone_is_member"
    title = "该手机号已是会员"
    advice = "如果是您本人，请选择“是我，换绑”；如果是家人的号码，请用自己的手机号领卡"


class PhoneTaken(Conflict):
    """The number belongs to somebody known who has no card; a clerk can help."""

    code = "card.phone_taken"
    title = "该手机号已被登记"
    advice = "请到门店请店员协助，或换一个手机号"


class TooYoung(Forbidden):
    """Under 14 there is no card (L03). Data: `youngest`."""

    code = "card.too_young"
    title = "未满 14 周岁暂不能领卡"
    advice = "请家长用自己的手机号领卡"


class ConsentMissing(Unprocessable):
    """The notice was not agreed to in its present version (L01). Data: `notice_version`."""

    code = "card.consent_missing"
    title = "请先阅读并同意会员须知"
    advice = "请阅读最新版须知后再领卡"


class OldCardUnproven(Unprocessable):
    """The details do not fit together; whether such a card exists is not said (C09). Data: `left`, attempts left today."""

    code = "card.old_card_unproven"
    title = "信息核对不上"
    advice = "请核对卡号、姓名和手机号或购买记录"


class OldCardLocked(TooOften):
    """Too many failures today (C09)."""

    code = "card.old_card_locked"
    title = "今天尝试次数过多"
    advice = "请明天再试，或到门店请店员协助"


class BirthdaySet(Conflict):
    """A birthday is set once; a lead may correct it once a year (C11)."""

    code = "card.birthday_set"
    title = "生日已设置"
    advice = "如需更正，请联系门店"


class BirthdayUnlikely(Unprocessable):
    """A birthday in the future or more than 120 years ago."""

    code = "card.birthday_unlikely"
    title = "生日日期不对"


class CardCodeInvalid(NotFound):
    """The shown code is wrong or older than a minute (X04)."""

    code = "card.code_invalid"
    title = "会员码已失效"
    advice = "请会员刷新会员码后重新扫描"


class TierUnknown(Unprocessable):
    """There is no tier of this level or code."""

    code = "tier.unknown"
    title = "没有这个等级"


class TasksPayEnough(Conflict):
    """Tasks add at most a fixed growth a year. Data: `left`."""

    code = "growth.tasks_full"
    title = "今年的任务成长值已领满"


class PhoneNeeded(Unprocessable):
    """The card is taken by phone, and we know none yet (C01)."""

    code = "card.phone_needed"
    title = "领卡需要手机号"
    advice = "点“手机号快捷登录”，或到门店请店员办理"
