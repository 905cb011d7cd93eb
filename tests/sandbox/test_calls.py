"""Calls by the official client: what the person does with the telephone, and the report that follows."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.playing import Platform
from tests.sandbox.texting import PHONE, Cloud, Inbox, inbox, listening, soon


@pytest.fixture
def cloud(platform: Platform) -> Iterator[Cloud]:
    with listening(platform.app) as port:
        yield Cloud(port)


@pytest.fixture
def reports(platform: Platform) -> Iterator[Inbox]:
    with inbox() as found:
        platform.world("telecom", voice_report_url=found.url)
        yield found


@pytest.mark.parametrize(
    ("answers", "code", "smart", "talked"),
    [
        ("answered", "200000", "ANSWERED", True),
        ("hung_up", "200001", "ANSWERED", True),
        ("busy", "200002", "USER_BUSY", False),
        ("no_answer", "200003", "NO_ANSWER", False),
        ("refused", "200005", "CALL_REJECTED", False),
    ],
)
def test_a_call_is_reported_as_the_person_took_it(
    platform: Platform, cloud: Cloud, reports: Inbox, answers: str, code: str, smart: str, talked: bool
) -> None:
    platform.http.post(f"/_world/lines/{PHONE}", json={"answers": answers})
    made = cloud.call(out_id="out-1")
    (row,) = soon(lambda: reports.rows)
    assert (row["call_id"], row["out_id"], row["callee"]) == (made.call_id, "out-1", PHONE)
    assert (row["status_code"], row["smart_status_code"]) == (code, smart)
    assert (int(row["duration"]) > 0) is talked
    assert bool(row["start_time"]) is talked


@pytest.mark.parametrize(
    ("kind", "code"), [("empty", "200004"), ("off", "200010"), ("suspended", "200011"), ("virtual", "200004")]
)
def test_a_line_that_cannot_ring_is_reported(
    platform: Platform, cloud: Cloud, reports: Inbox, kind: str, code: str
) -> None:
    platform.http.post(f"/_world/lines/{PHONE}", json={"kind": kind})
    assert cloud.call().code == "OK"
    (row,) = soon(lambda: reports.rows)
    assert (row["status_code"], row["ring_time"]) == (code, "")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"called_number": "12345"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"tts_code": "TTS_404"}, "isv.TTS_TEMPLATE_ILLEGAL"),
        ({"called_show_number": "02012345678"}, "isv.DISPLAY_NUMBER_ILLEGAL"),
        ({"tts_param": '{"brand":"归一"}'}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"play_times": 4}, "isv.INVALID_PARAMETERS"),
        ({"out_id": "x" * 16}, "isv.INVALID_PARAMETERS"),
    ],
)
def test_a_wrong_call_is_refused(platform: Platform, cloud: Cloud, more: dict[str, Any], code: str) -> None:
    assert cloud.call(**more).code == code
    assert platform.http.get("/_world/voice").json["count"] == 0


def test_one_number_is_called_once_a_minute_and_five_times_an_hour(platform: Platform, cloud: Cloud) -> None:
    platform.world("clock", now="2026-11-22T10:00:05+08:00")
    for _ in range(5):
        assert cloud.call().code == "OK"
        assert cloud.call().message == "触发分钟级流控Permits:1"
        platform.world("clock", advance=60)
    assert cloud.call().message == "触发小时级流控Permits:5"
