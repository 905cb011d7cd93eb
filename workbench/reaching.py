"""A scene of the play: somebody follows the official account and binds; then a campaign to two thousand people."""

import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests

from workbench.demo import Desk, Person, Shop, Stage, answer, expect, new_phone
from workbench.environment import kept_secrets

PEOPLE, AT_ONCE = 2_000, 12
# Among them: so many never said yes to marketing, so many switched messages off in WeChat after granting one.
WITHOUT_CONSENT, SWITCHED_OFF = 40, 20
BRAND_ZONE = ZoneInfo("Asia/Shanghai")
BOUGHT_FEN = 28_800


def appid_of(variable: str) -> str:
    """The appid of the demo's first account of a kind."""
    return (os.environ.get(variable) or kept_secrets()[variable]).split(",")[0].split(":")[0]


def until(seconds: float, look: Callable[[], Any], said: str) -> Any:
    """What `look` finds, as soon as it is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        expect(time.monotonic() < end, f"{said}: not within {seconds:.0f} s")
        time.sleep(0.1)
    return found


def play_reaching(stage: Stage, shop: Shop) -> None:
    """Follow, bind, be told; then two thousand are told."""
    follow_and_bind(stage, shop, Person(stage, "顾盼", new_phone()))
    run_campaign(stage, Desk(stage, "E002"))


def follow_and_bind(stage: Stage, shop: Shop, guest: Person) -> None:
    """Follow by a store's code → welcome → the card in the chat → bind → told of card and points, once each."""
    chat = follow(stage, guest)
    stage.step("She opens the card in the chat and binds with the phone button")
    guest.enter()
    guest.take_card()
    card = until(30, lambda: _titled(chat(), "绑定成功"), "the notice of the card")
    stage.came(f"told: {card}")
    order = {
        "number": f"R-{guest.phone}",
        "store_code": "HZ01",
        "earns": True,
        "paid_at": stage.now().isoformat(),
        "amounts": {"goods_fen": BOUGHT_FEN, "paid_fen": BOUGHT_FEN},
        "buyers": [{"kind": "phone", "value": guest.phone}],
    }
    shop.tell(order)
    points = until(30, lambda: _titled(chat(), "积分变动"), "the notice of points")
    stage.came(f"buys for ¥{BOUGHT_FEN // 100}; told: {points}")


def follow(stage: Stage, guest: Person) -> Callable[[], list[dict[str, Any]]]:
    """Follow and be welcomed; gives a look into the chat: what the account said there."""
    account, unionid = appid_of("OFFICIAL_ACCOUNTS"), f"oUNIONreach{guest.phone[-8:]}"
    told = {"name": guest.name, "phone": guest.phone, "unionid": unionid}
    born = answer(requests.post(f"{stage.sandbox}/_world/people", json=told, timeout=30), 201)
    guest.world = f"{stage.sandbox}/_world/people/{born['person_id']}"
    stage.step("Somebody scans a store's code and follows the official account")
    act = {"appid": account, "scene": "store.HZ01"}
    answer(requests.post(f"{guest.world}/follow", json=act, timeout=30))

    def chat() -> list[dict[str, Any]]:
        said = answer(requests.get(f"{guest.world}/chat", params={"appid": account}, timeout=30))
        return [line for line in said["chat"] if line["by"] == "account"]

    welcome = until(10, lambda: _texts(chat()), "a welcome")[0]
    stage.came(f"welcome at once: “{welcome.splitlines()[0]}…”")
    until(30, lambda: [line for line in chat() if line["kind"] == "service" and "pages/card" in str(line)], "the card")
    stage.came("the mini-program's card is in the chat")
    return chat


def _texts(lines: list[dict[str, Any]]) -> list[str]:
    return [str(line.get("text") or line.get("content")) for line in lines if line.get("text") or line.get("content")]


def _titled(lines: list[dict[str, Any]], title: str) -> str:
    for line in lines:
        if title in str(line.get("title", "")):
            return "，".join(str(row["value"]) for row in line.get("rows", []))
    return ""


@dataclass
class Crowd:
    """Two thousand people with the mini-program; the sandbox and the product know them by the same openids."""

    stage: Stage
    openids: list[str] = field(default_factory=list)
    notice: str = ""

    def gather(self, template_id: str) -> None:
        """Each opens the mini-program, says yes to marketing (some do not), and lets one message through."""

        def come(number: int) -> str:
            person = Person(self.stage, f"顾客{number:04}", "")
            person.open_miniprogram()
            self.notice = self.notice or person.get("/consents")["notice_version"]
            agreed = {"notice_version": self.notice, "answers": {"marketing": number >= WITHOUT_CONSENT}}
            answer(person.session.post(f"{self.stage.web}/mp/v1/consents", json=agreed))
            answer(
                person.session.post(
                    f"{person.world}/subscribe", json={"template_ids": [template_id], "answer": "accept"}
                )
            )
            if WITHOUT_CONSENT <= number < WITHOUT_CONSENT + SWITCHED_OFF:
                answer(person.session.post(person.world, json={"accepts_messages": False}))
            person.session.close()
            return person.openid

        self.openids = [come(0)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self.openids += pool.map(come, range(1, PEOPLE))

    def received(self, template_id: str) -> int:
        """How many cards of this template the sandbox has handed to these people."""
        told = answer(
            requests.get(f"{self.stage.sandbox}/_world/received", params={"kind": "subscription"}, timeout=60)
        )
        mine = set(self.openids)
        return sum(one["templates"].get(template_id, 0) for one in told["received"].values() if one["to"] in mine)


def run_campaign(stage: Stage, marketer: Desk) -> None:
    """Draft, words, list, test, start in a quiet hour; a token revoked on the way; the page's numbers at the end."""
    app = appid_of("MINIPROGRAM_APPID")
    template = answer(
        requests.post(
            f"{stage.sandbox}/_world/apps/{app}/templates",
            json={
                "title": f"会员活动提醒 {stage.now():%m%d%H%M%S}",
                "fields": {"thing1": "活动名称", "thing2": "活动说明"},
            },
            timeout=30,
        ),
        201,
    )["template_id"]
    stage.step(f"{PEOPLE:,} people use the mini-program; some refuse marketing, some switch messages off later")
    crowd = Crowd(stage)
    crowd.gather(template)
    stage.came(f"{len(crowd.openids):,} people, {WITHOUT_CONSENT} without a yes, {SWITCHED_OFF} switched off in WeChat")

    stage.step("A marketer imports the list, drafts a campaign, writes its words and tries it on one person")
    page = draft(stage, marketer, crowd, app=app, template=template)
    stage.came(f"draft at {page.removeprefix(stage.web)}; tried, then released to go")

    stage.step("It is started in the quiet hours; the platform's token is revoked on the way")
    admin = Desk(stage, "E001")
    night, morning = _next(stage, 22, 0), _next(stage, 22, 0) + timedelta(hours=10, minutes=40)
    admin.move_clock((night - datetime.now(BRAND_ZONE)).total_seconds())
    marketer.page(f"{page.removeprefix(stage.web).removeprefix('/console')}/start")
    until(60, lambda: figures(marketer, page).get("计划", 0) >= PEOPLE, "all planned")
    time.sleep(3)
    expect(crowd.received(template) == 0, "somebody was written to in the quiet hours")
    stage.came("22:00: all planned, nobody is written to")
    answer(requests.post(f"{stage.sandbox}/_world/apps/{app}/expire_tokens", json={}, timeout=30))
    admin.move_clock((morning - datetime.now(BRAND_ZONE)).total_seconds())
    ended = until(240, lambda: _ended(marketer, page), "the end of the campaign")
    received = crowd.received(template)
    expect(ended["已发送"] == received, f"the page says {ended['已发送']} sent, the sandbox handed over {received}")
    held, refused = ended["未发"], ended["失败"]
    expect(ended["计划"] == ended["已发送"] + held + refused, f"{ended}: the sums differ")
    stage.came(f"8:40: planned {ended['计划']:,} = sent {ended['已发送']:,} + held back {held:,} + refused {refused}")
    stage.came(f"the sandbox counts {received:,} as well")


def draft(stage: Stage, marketer: Desk, crowd: Crowd, *, app: str, template: str) -> str:
    """A campaign with list and words, tested; its page."""
    file = "openid\n" + "\n".join(crowd.openids) + "\n"
    marketer.page(f"/accounts/{app}/sync")
    uploaded = marketer.session.post(
        f"{stage.web}/console/campaigns/lists",
        data={"名单名称": "会员日名单"},
        files={"文件": ("list.csv", file.encode(), "text/csv")},
    )
    expect(uploaded.status_code == 200, f"list: {uploaded.status_code} {uploaded.text[:300]}")
    (sealed,) = re.findall(r"[?&]list=([^&]+)", uploaded.url)
    form = {"名称": "会员日预告", "名单": sealed, "渠道": "mp_subscription", "对照组": "10", "效果天数": "7"}
    page = marketer.page("/campaigns", form)
    words = re.search(r'href="(/console/messages/[^"]+)"', page.text)
    expect(words is not None, "no way to the words")
    assert words is not None
    said = {
        "channel": "mp_subscription", "account": app, "template_id": template,
        "fields.thing1": "本周六会员日", "fields.thing2": "{{昵称|您好}}，到店领护理体验", "page": "pages/home/index",
    }  # fmt: skip
    marketer.page(words.group(1).removeprefix("/console") + "/words", said)
    tester = Person(stage, "何静", new_phone())
    tester.open_miniprogram()
    answer(tester.session.post(f"{tester.world}/subscribe", json={"template_ids": [template], "answer": "accept"}))
    tester.take_card()
    agreed = {"notice_version": tester.get("/consents")["notice_version"], "answers": {"marketing": True}}
    answer(tester.session.post(f"{stage.web}/mp/v1/consents", json=agreed))
    time.sleep(1)
    marketer.page(f"{page.url.removeprefix(stage.web).removeprefix('/console')}/test", {"试发给": tester.phone})
    until(30, lambda: answer(requests.get(f"{tester.world}/messages", timeout=30))["messages"], "the test message")
    return page.url


def figures(marketer: Desk, page: str) -> dict[str, int]:
    """The campaign's page in numbers."""
    text = marketer.session.get(f"{page}/figures").text
    cards = re.findall(r"<b>([\d,–]+)</b><span class=\"quiet\">([^<]+)</span>", text)
    numbers = {name: int(value.replace(",", "")) for value, name in cards if value != "–"}
    numbers["未发"] = sum(int(each.replace(",", "")) for each in re.findall(r'<b class="number">([\d,]+)</b>', text))
    failed = re.search(r"失败：(.*?)</p>", text, re.DOTALL)
    refused = re.findall(r"([\d,]+) 人", failed.group(1)) if failed else []
    numbers["失败"] = sum(int(each.replace(",", "")) for each in refused)
    waits = re.search(r"还有 ([\d,]+) 人等着发", text)
    numbers["等着"] = int(waits.group(1).replace(",", "")) if waits else 0
    return numbers


def _ended(marketer: Desk, page: str) -> dict[str, int]:
    told = figures(marketer, page)
    return told if told.get("计划", 0) >= PEOPLE and not told["等着"] else {}


def _next(stage: Stage, hour: int, minute: int) -> datetime:
    """The next time of day in Shanghai, by the product's clock."""
    now = stage.now().astimezone(BRAND_ZONE)
    found = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return found if found > now else found + timedelta(days=1)
