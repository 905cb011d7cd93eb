"""`python -m sandbox` really runs, on a free port, and stops when told."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox import demo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def program() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--clock-at", "2030-01-01T00:00:00+08:00"]
    environment = {**os.environ, "GUIYI_ENV": "development"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        yield found.group(), process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_it_serves_and_stops(program: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = program
    person = requests.post(f"{address}/_world/people", json={"name": "林晓"}, timeout=10).json()
    code = requests.post(f"{address}/_world/people/{person['person_id']}/open", timeout=10).json()["code"]
    query = {"appid": demo.APPID, "secret": demo.SECRET, "js_code": code, "grant_type": "authorization_code"}
    found = requests.get(f"{address}/sns/jscode2session", params=query, timeout=10).json()
    assert found["openid"] == person["openid"]
    assert requests.get(f"{address}/_world/clock", timeout=10).json()["iso"].startswith("2029-12-31T16:0")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_lost_answer_is_a_dead_connection(program: tuple[str, subprocess.Popen[str]]) -> None:
    address, _ = program
    requests.post(f"{address}/_world/faults", json={"path": "/cgi-bin/token", "kind": "lost_answer"}, timeout=10)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{address}/cgi-bin/token", timeout=10)
    log = requests.get(f"{address}/_world/log", timeout=10).json()["calls"]
    assert log[0]["faults"] == ["lost_answer"]


def test_it_refuses_production() -> None:
    environment = {**os.environ, "GUIYI_ENV": "production"}
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "production" in done.stderr
