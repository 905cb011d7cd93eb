"""When evidence moves an id to somebody else, everybody keeps what is theirs."""

import datetime as dt

import pytest

from app.membership import members
from app.people import identity
from tests.factories.members import a_member

pytestmark = pytest.mark.usefixtures("database")


def test_an_id_that_turns_out_to_be_somebody_elses_leaves_alone(now: dt.datetime) -> None:
    """A note of the CRM is told late, first of one member, then of another; it was seen before either's own ids."""
    one, other = a_member(now, full_name="林晓"), a_member(now, full_name="林晚")
    crm = identity.identifier("crm", "770001", scope="erp")
    seen = now - dt.timedelta(days=4)
    cards = {who: members.get_member(who).card_number for who in (one, other)}
    phones = {who: str(identity.phones.find_phone(who)) for who in (one, other)}

    for who in (one, other):
        ids = (crm, identity.identifier("phone", phones[who]))
        identity.observing.observe(identity.observing.Observation(ids, "erp", seen, "stated"), now=now)

    for who in (one, other):
        assert identity.find_customer(identity.identifier("phone", phones[who])) == who
        assert members.get_member(who).card_number == cards[who]
    assert identity.find_customer(crm) in (one, other)
