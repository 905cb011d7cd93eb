"""Mixed writes as phones, tills and clerks send them: each with a key, and again with the same key until it is answered."""

import datetime as dt
import json
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from app.kernel import ids
from app.kernel.database import unit_of_work
from app.membership import coupons, points
from tests.conftest import NOW
from tests.factories.bookings import a_salon
from tests.factories.coupons import a_template
from tests.factories.members import a_member
from tests.factories.people import a_phone, a_staff, signed_in, signed_in_staff
from tests.factories.rewards import a_reward
from tests.signing import signed_headers

PURSE, PRICE, YUAN = 10_000, 10, 7
PATIENCE = 120.0


@dataclass
class Brand:
    """Who and what the load is about."""

    members: list[int] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    clerk: dict[str, str] = field(default_factory=dict)
    template_id: int = 0
    grants_id: int = 0
    reward_id: int = 0
    salon: Any = None


def a_brand(size: int) -> Brand:
    """Members with a purse each, one template, one gift, a seat for everybody."""
    here = Brand()
    with unit_of_work():
        here.salon = a_salon(NOW, seats=size)
        here.template_id = a_template(now=NOW, total=100_000, per_customer=100_000).id
        here.grants_id = a_template(now=NOW, total=100_000, public=False).id
        here.reward_id = a_reward(NOW, points=PRICE, total=100_000).id
        here.phones = [a_phone() for _ in range(size)]
        here.members = [a_member(NOW, phone=phone) for phone in here.phones]
        for member in here.members:
            points.earn(customer_id=member, amount=PURSE, cause="gift:1", why="见面礼", now=NOW)
    with unit_of_work():  # staff are found by stores that are there
        clerk = a_staff(NOW, store_id=here.salon.store_id)
    here.headers = [signed_in(member) for member in here.members]
    here.clerk = signed_in_staff(clerk)
    return here


class Load:
    """Sends writes from several threads. `answered` counts acknowledged writes by kind, `retried` lost answers."""

    def __init__(self, brand: Brand, address: str, *, ahead: dt.timedelta) -> None:
        self.brand, self.address, self.ahead = brand, address, ahead
        self.answered: Counter[str] = Counter()
        self.spent: Counter[int] = Counter()
        self.retried = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """How many writes were acknowledged."""
        return sum(self.answered.values())

    def run(self, jobs: list[Callable[[], None]], *, threads: int, disturb: Callable[[], None]) -> None:
        """All jobs, and a disturbance beside them; an error of any is raised."""
        with ThreadPoolExecutor(threads + 1) as pool:
            disturbance = pool.submit(disturb)
            for done in [pool.submit(job) for job in jobs]:
                done.result()
            disturbance.result()

    def send(self, kind: str, path: str, body: Any, headers: dict[str, str], *, key: str) -> Any:
        """One write until it is answered, always with its key; a refusal is an error of the test's."""
        end = time.monotonic() + PATIENCE
        text = json.dumps(body).encode()
        # Every fourth phone loses its connection while the first answer is on its way.
        patience = 0.005 if zlib.crc32(key.encode()) % 4 == 0 else 10.0
        while time.monotonic() < end:
            every = headers | {"Content-Type": "application/json", "Idempotency-Key": key}
            if path.startswith("/open/"):
                every |= signed_headers("POST", path, text, at=time.time() + self.ahead.total_seconds())
            try:
                answer = requests.post(self.address + path, data=text, headers=every, timeout=(10, patience))
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code < 300:
                with self._lock:
                    self.answered[kind] += 1
                return answer.json()
            lost = answer is None or answer.status_code in (502, 503) or "in_flight" in answer.text
            assert lost, f"{path}: {answer.status_code} {answer.text[:300]}"  # type: ignore[union-attr]
            with self._lock:
                self.retried += 1
            patience = 10.0
            time.sleep(0.1)
        raise AssertionError(f"{path} was never answered")

    def take(self, number: int) -> None:
        """A coupon on the phone."""
        body = {"template_id": ids.seal("coupon_template", self.brand.template_id)}
        self.send("take", "/mp/v1/coupons/take", body, self._phone(number), key=f"take-{number:06}")

    def exchange(self, number: int) -> None:
        """A gift of the mall."""
        body = {"reward_id": ids.seal("reward", self.brand.reward_id)}
        self.send("exchange", "/mp/v1/mall/exchange", body, self._phone(number), key=f"exchange-{number:06}")
        with self._lock:
            self.spent[number % len(self.brand.members)] += PRICE

    def order(self, number: int) -> None:
        """An order from the till."""
        who = number % len(self.brand.members)
        told = {
            "number": f"K{number:06}",
            "paid_at": NOW.isoformat(),
            "amounts": {"paid_fen": YUAN * 100},
            "in_store": True,
            "buyers": [{"kind": "phone", "value": self.brand.phones[who]}],
        }
        answer = self.send("order", "/open/v1/orders", {"orders": [told]}, {}, key=f"order-{number:06}")
        assert answer["outcomes"][0]["status"] in ("accepted", "unchanged"), answer
        with self._lock:
            self.spent[who] -= YUAN

    def book(self, number: int) -> None:
        """A booking: held, confirmed, and then given up, or redeemed by the clerk."""
        salon, phone = self.brand.salon, self._phone(number)
        wish = {
            "service_id": ids.seal("booking_service", salon.service_id),
            "store_id": ids.seal("store", salon.store_id),
            "starts_at": (NOW + dt.timedelta(hours=3)).isoformat(),
        }
        held = self.send("hold", "/mp/v1/bookings/hold", wish, phone, key=f"hold-{number:06}")
        path = f"/mp/v1/bookings/{held['booking_id']}"
        stands = self.send("confirm", f"{path}/confirm", {}, phone, key=f"confirm-{number:06}")
        if number % 2:
            self.send("cancel", f"{path}/cancel", {}, phone, key=f"cancel-{number:06}")
        else:
            clerk = {"code": stands["code"]}
            self.send("redeem", "/wecom/v1/redeem", clerk, self.brand.clerk, key=f"redeem-{number:06}")

    def grant(self, number: int) -> None:
        """A grant in bulk: work for the workers."""
        with unit_of_work():
            cause = f"batch:{number}"
            coupons.grant_in_bulk(
                template_id=self.brand.grants_id, customer_ids=self.brand.members, cause=cause, now=NOW
            )  # fmt: skip

    def _phone(self, number: int) -> dict[str, str]:
        return self.brand.headers[number % len(self.brand.headers)]
