"""A scene of the play: one person out of three channels, taken for her sister, and set apart again."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workbench.demo import Desk, Person, Shop, Stage, expect, new_phone, yuan

# What each of the two bought, in fen.
AT_COUNTER_FEN, AT_TMALL_FEN, SISTERS_FEN, SISTERS_LATER_FEN = 20_000, 35_000, 50_000, 12_000
CORP, TMALL_SHOP = "ww0123456789abcdef", "demo-flagship"


@dataclass
class Ids:
    """By what the channels know her."""

    phone: str

    @property
    def tail(self) -> str:
        """What makes her ids her own in a demo that is played again."""
        return self.phone[-8:]

    def at(self, kind: str) -> dict[str, str]:
        """An id as machines tell it."""
        values = {
            "phone": ("", self.phone),
            "ouid": (TMALL_SHOP, f"AAF{self.tail}"),
            "omid": ("", f"OM{self.tail}"),
            "external_userid": (CORP, f"wmDEMO{self.tail}"),
            "unionid": ("", f"oUNION{self.tail}"),
        }
        scope, value = values[kind]
        return {"kind": kind, "scope": scope, "value": value}


def play_sisters(stage: Stage, shop: Shop) -> None:
    """Three channels, one person; then two people, one person; then two people again."""
    elder = Person(stage, "沈若溪", new_phone())
    ids = Ids(elder.phone)
    gather(stage, shop, elder, ids)
    younger = Person(stage, "沈若溪的妹妹", new_phone())
    people = meet(stage, shop, elder, younger)
    before = [standing(person) for person in (elder, younger)]
    merge_wrongly(stage, elder, people)
    shop.tell(an_order(stage, f"Y2-{younger.phone}", SISTERS_LATER_FEN, {"kind": "phone", "value": younger.phone}))
    together = standing(elder)
    wanted = sum(one["points"] for one in before) + SISTERS_LATER_FEN // 100
    expect(together["points"] == wanted, f"{together['points']} points together instead of {wanted}")
    stage.came(f"the younger buys for {yuan(SISTERS_LATER_FEN)} meanwhile: {wanted} points together")
    set_apart(stage, people)
    after = [standing(person) for person in (elder, younger)]
    expect(after[0] == before[0], f"the elder has {after[0]} instead of {before[0]}")
    expect(after[1]["points"] == before[1]["points"] + SISTERS_LATER_FEN // 100, f"the younger: {after[1]}")
    expect(len(after[1]["orders"]) == 2, f"the younger has {after[1]['orders']}")
    stage.came(f"the elder: {after[0]['points']} points, {len(after[0]['orders'])} orders, as before")
    stage.came(f"the younger: {after[1]['points']} points, both her orders, the one bought meanwhile too")


def gather(stage: Stage, shop: Shop, elder: Person, ids: Ids) -> None:
    """Known at the counter, at Tmall and on WeCom; each tells a little, and it is one person."""
    stage.step("Somebody is known at the counter, at Tmall and on WeCom: three strangers so far")
    shop.tell(an_order(stage, f"C-{ids.tail}", AT_COUNTER_FEN, ids.at("phone")))
    shop.tell(an_order(stage, f"T-{ids.tail}", AT_TMALL_FEN, ids.at("ouid")))
    counter, tmall, wecom = observe(
        stage, shop,
        ("demo-pos", "picked", [ids.at("phone")]),
        ("tmall", "proven", [ids.at("ouid"), ids.at("omid")]),
        ("wecom", "proven", [ids.at("external_userid"), ids.at("unionid")]),
    )  # fmt: skip
    expect(len({counter, tmall, wecom}) == 3, "three people as long as nothing joins them")
    stage.came("three people, one order each at the counter and at Tmall")

    stage.step("She takes the card in the mini-program, and Tmall's member pass names her phone")
    elder.open_miniprogram(unionid=ids.at("unionid")["value"])
    elder.take_card()
    observe(stage, shop, ("tmall", "picked", [ids.at("ouid"), ids.at("phone")]))
    found = {find(shop, ids.at(kind)) for kind in ("phone", "ouid", "omid", "external_userid", "unionid")}
    expect(len(found) == 1, f"{len(found)} people instead of one")
    mine = standing(elder)
    wanted = (AT_COUNTER_FEN + AT_TMALL_FEN) // 100
    expect(len(mine["orders"]) == 2 and mine["points"] == wanted, f"she sees {mine}, not {wanted} points of two orders")
    stage.came(f"phone, ouid, omid, external_userid, unionid and openid are one person: 2 orders, {wanted} points")


def meet(stage: Stage, shop: Shop, elder: Person, younger: Person) -> tuple[str, str]:
    """Her sister has a card and a phone of her own; a clerk types the wrong number. Gives both, as the console names them."""
    stage.step("A clerk types her phone number for her sister, who has a card of her own")
    younger.open_miniprogram()
    card = younger.take_card()["card_number"]
    shop.tell(an_order(stage, f"Y1-{younger.phone}", SISTERS_FEN, {"kind": "phone", "value": younger.phone}))
    phone = {"kind": "phone", "scope": "", "value": elder.phone}
    told = tell(stage, shop, ("demo-pos", "picked", [phone, {"kind": "card", "scope": "", "value": card}]))
    expect(told[0]["held"] == 1, f"it must be held for review: {told}")
    theirs = {"kind": "phone", "scope": "", "value": younger.phone}
    people = (find(shop, phone), find(shop, theirs))
    expect(people[0] != people[1], "two people with a phone each are not joined by that")
    stage.came("both have a phone of their own: held for review, nobody is merged")
    return people


def merge_wrongly(stage: Stage, elder: Person, people: tuple[str, str]) -> None:
    """A lead is in a hurry."""
    stage.step("A lead in a hurry decides on the console: the same person")
    lead = Desk(stage, "E004")
    listed = lead.session.get(f"{stage.web}/console/conflicts").text
    expect("待核对的客户" in listed, "the list of conflicts")
    lead.page(f"/conflicts/{people[0]}/{people[1]}/merge", {"why": "看起来是同一人"})
    expect(len(standing(elder)["orders"]) == 3, "she sees her sister's order")
    stage.came("merged: one card, three orders, all points in one account")


def set_apart(stage: Stage, people: tuple[str, str]) -> None:
    """Somebody looks again."""
    stage.step("It was wrong: the merge is undone")
    lead = Desk(stage, "E004")
    page = lead.session.get(f"{stage.web}/console/people/{people[0]}").text
    undo = re.findall(r"/people/[^/\"]+/merges/[^/\"]+/undo", page)
    expect(bool(undo), "the person's page shows the merge and how to undo it")
    lead.page(undo[0], {"why": "是姐妹，不是同一人"})
    stage.came("two people again, and nothing that is seen later joins them")


def standing(person: Person) -> dict[str, Any]:
    """What she sees of herself."""
    home = person.get("/home")
    orders = sorted(order["number"] for order in person.get("/orders")["items"])
    return {"points": home["points"], "card": home["card"]["card_number"], "orders": orders}


def an_order(stage: Stage, number: str, fen: int, buyer: dict[str, str]) -> dict[str, Any]:
    """A paid order of one buyer."""
    moment = (stage.now() - timedelta(minutes=1)).isoformat()
    return {
        "number": number,
        "store_code": "HZ01",
        "earns": True,
        "paid_at": moment,
        "received_at": moment,
        "amounts": {"goods_fen": fen, "paid_fen": fen},
        "buyers": [buyer],
    }


Seen = tuple[str, str, list[dict[str, str]]]


def tell(stage: Stage, shop: Shop, *seen: Seen) -> list[dict[str, Any]]:
    """What was seen together, by source and proof; one outcome each."""
    moment = stage.now().isoformat()
    told = [{"source": source, "proof": proof, "ids": ids, "seen_at": moment} for source, proof, ids in seen]
    outcomes: list[dict[str, Any]] = shop.post("/open/v1/observations", {"observations": told})["outcomes"]
    for outcome in outcomes:
        expect(outcome["status"] == "accepted", f"an observation: {outcome}")
    return outcomes


def observe(stage: Stage, shop: Shop, *seen: Seen) -> list[str]:
    """The people of what was seen."""
    return [outcome["person_id"] for outcome in tell(stage, shop, *seen)]


def find(shop: Shop, wanted: dict[str, str]) -> str:
    """Who has this id."""
    found: str = shop.post("/open/v1/people/find", {"id": wanted})["person_id"]
    return found
