"""Messages of the inbox go from the clock to the workers, as real processes do it."""

import subprocess
from collections.abc import Callable

import flask

from app.kernel import clock, inbox
from app.kernel.database import unit_of_work
from app.people import contacts
from tests.factories.pushes import OA
from tests.jobs.conftest import wait_until

MANY = 120


def store(number: int, fields: object) -> None:
    payload = {"account": OA, "fields": fields}
    inbox.take_in(source="wechat", key=inbox.key_of("test", str(number)), payload=payload, now=clock.now())


def test_clock_and_workers_handle_what_came_in_and_one_bad_message_stays_in_sight(
    committed: flask.Flask, processes: Callable[..., subprocess.Popen]
) -> None:
    with committed.app_context():
        at = int(clock.now().timestamp())
        with unit_of_work():
            for number in range(MANY):
                event = {"MsgType": "event", "Event": "subscribe", "CreateTime": at}
                store(number, event | {"FromUserName": f"oFollows{number:020d}"})
            store(MANY, None)  # nothing that anybody would send
        processes("jobs.workers", "--threads", "2")
        processes("jobs.clock")
        wait_until(lambda: inbox.count_waiting() == 1, seconds=60)
        wait_until(lambda: bool(inbox.list_stuck()), seconds=10)
        with unit_of_work():
            assert contacts.followers.count_by_account() == {OA: (MANY, 0)}
