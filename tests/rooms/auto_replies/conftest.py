"""A brand with the stock programme and the stock replies."""

import datetime as dt
from collections.abc import Iterator

import pytest

from app.membership import members
from app.outreach import auto_replies, materials
from app.outreach.auto_replies.queries import books
from tests.factories.chatting import OA


@pytest.fixture
def stock(database: object, now: dt.datetime) -> Iterator[None]:
    books.forget()
    members.ship_stock(now=now)
    auto_replies.rulebook.ship_stock(now=now)
    accounts = materials.purposes.Accounts(official_accounts=(OA,))
    materials.purposes.ship_stock(now=now, accounts=accounts)
    yield
    books.forget()
