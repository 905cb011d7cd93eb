"""The variables that a reply may have: what each is called, shown by an example, and out of which read it comes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """`need`: the part of the read that gives it, empty for what is known without one."""

    sample: str
    need: str = ""


# Reads that are made in the one statement: who it is, and what they have.
COMPOSED = ("life", "card", "points", "coupons", "booking")
VARIABLES: Mapping[str, Known] = {
    "等级": Known("金卡", "card"),
    "卡号尾号": Known("0028", "card"),
    "成长值": Known("2,680", "card"),
    "下一等级": Known("黑金卡", "card"),
    "差成长值": Known("5,320", "card"),
    "等级有效期": Known("2027年3月8日", "card"),
    "积分": Known("2,340", "points"),
    "待生效积分": Known("120", "points"),
    "到期积分": Known("300", "points"),
    "到期日": Known("12月31日", "points"),
    "欠分": Known("40", "points"),
    "券数": Known("3", "coupons"),
    "券到期": Known("12月5日", "coupons"),
    "券列表": Known("· 复购券 满199减30（12月5日前）", "coupon_list"),
    "下次预约": Known("12月2日 周三 14:00 肤质检测 · 杭州湖滨店", "booking"),
    "订单列表": Known("· 11月21日 ¥326 丝绒唇釉 #09 已发货", "orders"),
    "生日": Known("5月20日", "birthday"),
    "门店列表": Known("1. 杭州湖滨店 · 1.2 公里\n湖滨路 28 号\n营业中，今天到 21:00", "stores"),
    "门店": Known("杭州湖滨店", "scene"),
    "门店地址": Known("湖滨路 28 号", "scene"),
    "导购": Known("林晓", "scene"),
    "好友": Known("周*", "scene"),
    "服务时间": Known("9:00–21:00", "hours"),
    "下次上班": Known("明天 9:00", "hours"),
    "猜你想问": Known("积分\n优惠券\n门店", "guesses"),
    "排队人数": Known("2", "waiting"),
    "等待时间": Known("6 分钟", "waiting"),
}


def needs_of(names: Iterable[str]) -> frozenset[str]:
    """Which reads give these variables; what hangs on the person needs to know who it is."""
    found = {VARIABLES[name].need for name in names if name in VARIABLES} - {""}
    if found & {"card", "points", "coupons", "booking", "coupon_list", "orders", "birthday"}:
        found.add("life")
    return frozenset(found)


def unknown(names: Iterable[str]) -> list[str]:
    """Names that are no variables of ours."""
    return sorted(set(names) - set(VARIABLES))


SAMPLES: Mapping[str, str] = {name: known.sample for name, known in VARIABLES.items()}
