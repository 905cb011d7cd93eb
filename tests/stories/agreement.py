"""What must hold after every step of a story, and at its end."""

import datetime as dt
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from app.membership import coupons, members, points
from tests.stories import proofs
from tests.stories.model.brand import Brand
from tests.stories.world import World


class Agreement(RuleBasedStateMachine):
    """The rooms agree with the model, and with themselves."""

    world: World
    model: Brand
    now: dt.datetime
    coupons: Any  # (coupon of the model, its code)
    bookings: list[tuple[dict[str, Any], int, str]]

    @invariant()
    def all_agree(self) -> None:
        """Nothing is negative, nothing is lost, and the rooms say what the model says."""
        self.balances_are_those_of_the_model()
        self.tiers_are_those_of_the_model()
        self.coupons_are_those_of_the_model()
        self.bookings_are_those_of_the_model()
        assert proofs.broken() == []

    def balances_are_those_of_the_model(self) -> None:
        for who, customer_id in enumerate(self.world.people):
            mine, here = self.model.of(who), points.get_balance(customer_id, now=self.now)
            expected = (mine.spendable, mine.pending, mine.held, mine.owed)
            found = (here.spendable, here.pending, here.held, here.owed)
            assert found == expected, f"spendable, pending, held, owed of person {who}"
            assert here.spendable >= 0

    def tiers_are_those_of_the_model(self) -> None:
        stands = proofs.levels()
        expected = {self.world.people[who]: self.model.tiers[who].level for who in self.model.joined}
        assert stands == expected

    def coupons_are_those_of_the_model(self) -> None:
        assert proofs.coupon_states(self.now) == {code: coupon["state"] for coupon, code in self.coupons}
        counters = proofs.counters()
        for template, template_id in self.world.templates.items():
            assert counters[template_id] == len(self.model.coupons.of(template))

    def bookings_are_those_of_the_model(self) -> None:
        stands = proofs.booking_states()
        expected = {
            booking_id: (booking["state"], booking["starts"], self.world.seats[booking["seat"]])
            for booking, booking_id, _ in self.bookings
        }
        assert stands == expected

    def nothing_differs_from_its_proof(self) -> None:
        """The recounts themselves; at the end of every story, for they look at everything."""
        assert points.recount() == []
        assert coupons.recount() == []
        assert members.recount(now=self.now) == []
