"""The play of `make demo`, scene by scene."""

from datetime import timedelta
from functools import partial
from typing import Any

from workbench.demo import (
    DAY,
    LAST,
    RACERS,
    Desk,
    Person,
    Shop,
    Stage,
    all_at_once,
    expect,
    new_phone,
    pick,
    tally,
    yuan,
)
from workbench.reaching import play_reaching
from workbench.sisters import play_sisters

# What the person bought before she was known: day ago, yuan in fen. The last one is too old to earn (O05: 365 days).
HISTORY = ((30, 42_350), (120, 58_000), (200, 23_999), (500, 88_800))
SPENT_FEN, COUPON_FEN = 30_000, 2_000


def play(stage: Stage) -> None:
    """All scenes in order; the clock is put back at the end, also after a miss."""
    stage.console.print(f"Playing against {stage.web}\n")
    shop, heroine = Shop(stage), Person(stage, "林晓", new_phone())
    admin = Desk(stage, "E001")
    admin.move_clock(0)
    try:
        play_reaching(stage, shop)  # first: the platform's own clock stays with us, and its windows count minutes
        import_history(stage, shop, heroine)
        earned = join(stage, heroine)
        coupon_template = draft_the_last_coupons(stage)
        race(stage, heroine, coupon_template)
        spent = exchange(stage, heroine)
        visit = book(stage, heroine)
        admin.move_clock(stage.moved + DAY)
        redeem_twice(stage, visit)
        gained = buy_and_refund(stage, shop, heroine)
        explain(stage, heroine, expected=earned - spent + gained)
        play_sisters(stage, shop)
        recount(stage)
    finally:
        admin.move_clock(0)


def import_history(stage: Stage, shop: Shop, heroine: Person) -> None:
    """A shop tells what somebody bought whom nobody knows yet."""
    stage.step("A shop's history is imported")
    orders = [
        {
            "number": f"H-{heroine.phone}-{days}",
            "store_code": "HZ01",
            "earns": True,
            "paid_at": (stage.now() - timedelta(days=days)).isoformat(),
            "received_at": (stage.now() - timedelta(days=days)).isoformat(),
            "amounts": {"goods_fen": fen, "paid_fen": fen},
            "buyers": [{"kind": "phone", "value": heroine.phone}],
        }
        for days, fen in HISTORY
    ]
    shop.tell(*orders)
    stage.came(f"{len(orders)} orders of a phone that nobody has bound, {yuan(sum(fen for _, fen in HISTORY))} in all")


def join(stage: Stage, heroine: Person) -> int:
    """She opens the mini-program, takes the card, and finds what she bought."""
    stage.step("She opens the mini-program and logs in")
    login = heroine.open_miniprogram()
    expect(login["is_member"] is False, "she is nobody's member yet")
    stage.came("a session; she is a guest and may look around")

    stage.step("She takes the card by her phone number")
    card = heroine.take_card()
    again = heroine.take_card()
    expect(card["card_number"] == again["card_number"], "a second tap must give the same card")
    stage.came(f"card {card['card_number']}; a second tap gave the same one")

    stage.step("She sees orders, points and tier from that history")
    orders = heroine.get("/orders")["items"]
    home = heroine.get("/home")
    wanted = sum(fen // 100 for days, fen in HISTORY if days <= 365)
    expect(len(orders) == len(HISTORY), f"{len(orders)} orders instead of {len(HISTORY)}")
    expect(home["points"] == wanted, f"{home['points']} points instead of {wanted}")
    expect(
        home["card"]["tier_name"] == "银卡", f"tier {home['card']['tier_name']} with growth {home['card']['growth']}"
    )
    stage.came(f"{len(orders)} orders, {wanted} points, {home['card']['tier_name']}; {home['coupons_usable']} coupons")
    return wanted


def draft_the_last_coupons(stage: Stage) -> str:
    """A marketer makes a coupon of which there are few."""
    stage.step(f"A marketer opens a coupon: {yuan(COUPON_FEN)} off, {LAST + 1} pieces")
    marketer = Desk(stage, "E002")
    form = {"名称": "限量券", "类型": "cash", "满多少元": "100", "减多少元": str(COUPON_FEN // 100)}
    page = marketer.page("/coupons", form | {"总张数": str(LAST + 1), "每人几张": "1", "有效天数": "7"})
    template = page.url.rsplit("/", 1)[1]
    marketer.page(f"/coupons/{template}/open")
    stage.came("drafted and opened on the console")
    return template


def race(stage: Stage, heroine: Person, template: str) -> None:
    """She takes hers, then fifty others want the last twenty."""
    stage.step(f"She takes one while {RACERS} others race for the last {LAST}")
    others = [Person(stage, f"路人{number}", new_phone()) for number in range(RACERS)]
    for other in others:
        other.open_miniprogram()
        other.take_card()
    body = {"template_id": template}
    runners = [partial(person.post, "/coupons/take", body) for person in (heroine, *others)]
    results = all_at_once(runners)
    counted = tally(results)
    won = counted[200] + counted[201]
    expect(won == LAST + 1, f"{won} got one of {LAST + 1}: {dict(counted)}")
    expect(counted[409] == RACERS - LAST, f"the others must hear that it is sold out: {dict(counted)}")
    mine = results[0].status_code in (200, 201)
    refusal = next(result for result in results if result.status_code == 409).json()["title"]
    stage.came(
        f"exactly {won} got one, {counted[409]} heard「{refusal}」; she {'got one' if mine else 'came too late'}"
    )


def exchange(stage: Stage, heroine: Person) -> int:
    """Points become a gift."""
    stage.step("She exchanges points in the mall")
    mall = heroine.get("/mall")["items"]
    wish = pick(mall, lambda reward: reward["name"] == "中样", "中样")
    before = heroine.get("/points")["spendable"]
    response = heroine.post("/mall/exchange", {"reward_id": wish["reward_id"]})
    expect(response.status_code in (200, 201), response.text)
    after = heroine.get("/points")["spendable"]
    expect(before - after == wish["points"], f"{before} → {after}, the price is {wish['points']}")
    stage.came(f"「{wish['name']}」 for {wish['points']} points, {after} are left")
    return int(wish["points"])


def book(stage: Stage, heroine: Person) -> str:
    """A make-up in the nearest store, tomorrow."""
    stage.step("She books a make-up for tomorrow in the nearest store")
    store = heroine.get("/stores", latitude=30.25, longitude=120.16)["items"][0]
    services = heroine.get("/booking-services", store=store["store_id"])["items"]
    makeup = pick(services, lambda service: service["name"] == "整妆", "整妆")
    day = (stage.now() + timedelta(days=1, hours=8)).date().isoformat()
    query = {"service": makeup["service_id"], "store": store["store_id"], "day": day}
    slot = pick(heroine.get("/bookings/slots", **query)["items"], lambda slot: slot["left"], "free time")
    wanted = {"service_id": makeup["service_id"], "store_id": store["store_id"], "starts_at": slot["starts_at"]}
    held = heroine.post("/bookings/hold", wanted)
    expect(held.status_code in (200, 201), held.text)
    confirmed = heroine.post(f"/bookings/{held.json()['booking_id']}/confirm")
    expect(confirmed.status_code == 200, confirmed.text)
    expect(heroine.get("/home")["next_booking"] is not None, "the home must show the next visit")
    code: str = confirmed.json()["code"]
    stage.came(f"{store['name']} ({store['distance_m']} m away), {slot['starts_at']}, code {code}")
    return code


def redeem_twice(stage: Stage, code: str) -> None:
    """The clerk scans the code, and once more by mistake."""
    stage.step("Next day a clerk redeems the booking, twice")
    clerk = Desk(stage, "E007")
    first = clerk.session.post(f"{stage.web}/wecom/v1/redeem", json={"code": code})
    second = clerk.session.post(f"{stage.web}/wecom/v1/redeem", json={"code": code})
    expect(first.status_code == 200, first.text)
    expect(second.status_code == 409, f"the second must be refused: {second.text}")
    stage.came(f"redeemed: {first.json()['name']} · {first.json()['person']}")
    stage.came(f"the second time: 「{second.json()['title']}」 {second.json().get('data', {})}")


def _fits(coupon: dict[str, Any]) -> bool:
    terms = coupon["terms"]
    return bool(terms["kind"] == "cash" and terms["threshold_fen"] <= SPENT_FEN)


def buy_and_refund(stage: Stage, shop: Shop, heroine: Person) -> int:
    """An order with a coupon, then half of it back; points and coupon follow. Gives the points that stay."""
    stage.step("She buys with a coupon; the till locks it and tells the paid order")
    coupon = heroine.get("/coupons")["items"]
    usable = next(
        one for one in coupon if one["terms"]["kind"] == "cash" and one["terms"]["threshold_fen"] <= SPENT_FEN
    )
    code, worth = heroine.get(f"/coupons/{usable['coupon_id']}")["code"], usable["terms"]["value_fen"]
    number = f"D-{heroine.phone}"
    shop.post("/open/v1/coupons/lock", {"codes": [code], "order_number": number, "store_code": "HZ01"})
    before = heroine.get("/points")["spendable"]
    paid = SPENT_FEN - worth
    order: dict[str, Any] = {
        "number": number,
        "store_code": "HZ01",
        "paid_at": stage.now().isoformat(),
        "amounts": {"goods_fen": SPENT_FEN, "coupon_fen": worth, "paid_fen": paid},
        "coupon_codes": [code],
        "buyers": [{"kind": "phone", "value": heroine.phone}],
    }
    shop.tell(order)
    gained = heroine.get("/points")["spendable"] - before
    expect(gained == paid * 110 // 10_000, f"{gained} points for {yuan(paid)} at 1.1")
    state = heroine.get(f"/coupons/{usable['coupon_id']}")["state"]
    expect(state == "redeemed", f"the coupon is {state}")
    stage.came(
        f"「{usable['terms']['name']}」 −{yuan(worth)}, paid {yuan(paid)}: +{gained} points at the tier's rate 1.1"
    )

    stage.step("Half of it is refunded")
    refund = {"number": f"T-{number}", "amount_fen": paid // 2, "refunded_at": stage.now().isoformat()}
    shop.tell({"number": number, "reported_at": stage.now().isoformat(), "refunds": [refund]})
    stays = heroine.get("/points")["spendable"] - before
    expect(stays == gained - gained * (paid // 2) // paid, f"{stays} of {gained} points stay")
    state = heroine.get(f"/coupons/{usable['coupon_id']}")["state"]
    expect(state == "redeemed", f"a part refund gives no coupon back (K03), it is {state}")
    stage.came(f"{gained - stays} points went back, {stays} stay; the coupon stays used")
    return int(stays)


def explain(stage: Stage, heroine: Person, *, expected: int) -> None:
    """Every point has a line."""
    stage.step("Her points are explained line by line")
    lines = heroine.get("/points/entries", limit=100)["items"]
    for line in reversed(lines):
        stage.came(f"{line['spendable']:>+6}  {line['words']} {line['order_number'] or ''}")
    total, balance = sum(line["spendable"] for line in lines), heroine.get("/points")["spendable"]
    expect(total == balance == expected, f"lines {total}, balance {balance}, reckoned {expected}")
    stage.came(f"the lines sum to the balance: {balance}")


def recount(stage: Stage) -> None:
    """And everybody's balances are proved."""
    stage.step("All points are recounted")
    text = Desk(stage, "E004").page("/recount").text
    expect("没有差异" in text, text[-500:])
    stage.came("no difference")
