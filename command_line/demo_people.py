"""People of the demo brand who are known by several channels, and some about whom a colleague has to decide.

They show on 「客户身份」 and 「待核对的客户」: one person out of four channels, sisters on one phone, a card typed for another.
Names and numbers are made up; 136 1001 00xx is used by nobody else in the demo.
"""

import datetime as dt
from dataclasses import dataclass

from app.membership import members
from app.people import identity, privacy
from app.trade import orders

APPID, CORP, SHOP = "wx0123456789abcdef", "ww0123456789abcdef", "demo-flagship"
Seen = identity.observing.Observation


@dataclass(frozen=True)
class Somebody:
    """A member of the demo brand. `tail`: the last digits of the number; ids are made from it."""

    name: str
    tail: str
    birthday: dt.date

    def at(self, kind: str) -> identity.Identifier:
        """By what a channel knows them."""
        scope, value = {
            "phone": ("", f"1361001{self.tail}"),
            "openid": (APPID, f"oDEMO{self.tail}"),
            "unionid": ("", f"oUDEMO{self.tail}"),
            "ouid": (SHOP, f"AAFDEMO{self.tail}"),
            "omid": ("", f"OMDEMO{self.tail}"),
            "external_userid": (CORP, f"wmDEMO{self.tail}"),
            "jd": ("", f"jd_demo_{self.tail}"),
        }[kind]
        return identity.identifier(kind, value, scope=scope)


RUOXI = Somebody("沈若溪", "0001", dt.date(1995, 3, 8))
RUOLIN = Somebody("沈若琳", "0002", dt.date(1998, 11, 20))
AYNUR = Somebody("阿依努尔·买买提明", "0003", dt.date(1992, 6, 1))
HAN = Somebody("韩子墨", "0004", dt.date(1990, 9, 12))
HAN_AGAIN = Somebody("韩子墨", "0005", dt.date(1990, 9, 12))
PURCHASES = ((RUOXI, "phone", 26_800), (RUOXI, "ouid", 41_900), (RUOLIN, "phone", 15_900), (HAN, "phone", 88_000),
             (HAN_AGAIN, "jd", 32_600), (AYNUR, "phone", 9_900))  # fmt: skip


def load(now: dt.datetime) -> None:
    """Have them known, with cards and purchases, and with what nobody has decided yet."""
    for one in (RUOXI, RUOLIN, AYNUR, HAN, HAN_AGAIN):
        identity.recognise([one.at("openid"), one.at("unionid")], source="miniprogram", now=now)
        holder = identity.find_customer(one.at("openid"))
        assert holder is not None  # noqa: S101  (just recognised)
        profile = members.Profile(privacy.notice_version(), one.name, one.birthday)
        members.join(customer_id=holder, phone=one.at("phone"), profile=profile, now=now)
    orders.report_orders([_purchase(number, *each, now=now) for number, each in enumerate(PURCHASES)],
                         source="demo people", now=now)  # fmt: skip
    identity.observing.observe_all(list(_seen(now)), now=now)


def _seen(now: dt.datetime) -> tuple[Seen, ...]:
    """What the channels saw, days apart: the first four make one person, the others wait for somebody to decide."""
    days = [now - dt.timedelta(days=number) for number in range(8)]
    return (
        Seen((RUOXI.at("external_userid"), RUOXI.at("unionid")), "wecom", days[6]),
        Seen((RUOXI.at("ouid"), RUOXI.at("omid")), "tmall", days[5]),
        Seen((RUOXI.at("ouid"), RUOXI.at("phone")), "tmall", days[4], "picked"),
        Seen((HAN_AGAIN.at("jd"), HAN_AGAIN.at("phone")), "jd", days[4], "picked"),
        # A clerk typed one sister's number for the other: both have a phone and a WeChat of their own.
        Seen((RUOLIN.at("external_userid"), RUOXI.at("phone")), "demo-pos", days[3], "picked"),
        Seen((RUOLIN.at("external_userid"), RUOLIN.at("unionid")), "wecom", days[2]),
        # One man with two phones, or two of one name?
        Seen((HAN.at("omid"), HAN.at("phone")), "tmall", days[3], "picked"),
        Seen((HAN.at("omid"), HAN_AGAIN.at("phone")), "tmall", days[1], "picked"),
    )


def _purchase(number: int, who: Somebody, kind: str, fen: int, *, now: dt.datetime) -> orders.OrderReport:
    known, moment = who.at(kind), now - dt.timedelta(days=30 + number)
    return orders.OrderReport(
        channel="demo-shop", number=f"DEMO-P{number}", reported_at=moment, placed_at=moment, paid_at=moment,
        received_at=moment, store_code="HZ01", in_store=kind == "phone", earns=True, lines=None,
        amounts=orders.Amounts(fen, 0, 0, 0, 0, fen), buyers=(orders.Buyer(known.kind, known.scope, known.value),),
    )  # fmt: skip
