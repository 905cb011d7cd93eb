"""Grants in bulk whose sums are larger than small numbers."""

from app.kernel import outbox
from app.membership import coupons
from tests.conftest import NOW
from tests.factories.coupons import a_template, some_terms
from tests.factories.people import a_customer
from tests.stories import proofs


def test_K06_a_grant_worth_more_than_32767_fen_is_counted_in_full(database: object) -> None:
    template = a_template(terms=some_terms(value_fen=2_000), total=100, public=False)
    people = [a_customer(NOW) for _ in range(20)]

    coupons.grant_in_bulk(template_id=template.id, customer_ids=people, cause="batch:1", now=NOW)
    for row_id in outbox.lease_due(now=NOW):
        outbox.perform(row_id, now=NOW)

    assert proofs.counters()[template.id] == 20
    assert coupons.recount() == []
