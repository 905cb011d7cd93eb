"""An import of observations dies with -9 at any point; started again it finishes, and nothing is half there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import flask
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from tests.conftest import FULL_SIZE, REPOSITORY

PEOPLE, KILLS = (100_000, 12) if FULL_SIZE else (600, 3)
# One row a window or two, and parts of a few ids: many places to die at.
START = (
    "from app.people.identity.operations import importing; from app.people.identity.rules import observation_files as files;"
    "importing.PART_IDS = {part}; files.BLOCK_BYTES = {block};"
    "from command_line.__main__ import commands; commands(['import-observations', {path!r}, '--window', '{window}'])"
)


def a_file(path: Path) -> None:
    """Everybody is seen three times, in three places of the file: every window joins what others began."""
    rows = [f"2025-01-01T10:00:00Z,counter,proven,138{person + 1000:08},union-{person},,\n" for person in range(PEOPLE)]
    rows += [f"2025-01-02T10:00:00Z,wecom,proven,,union-{person},open-{person},\n" for person in range(PEOPLE)]
    rows += [f"2025-01-03T10:00:00Z,till,proven,,,open-{person},CARD{person:06}\n" for person in range(PEOPLE)]
    rows += ["soon,till,proven,,union-1,,\n"] * 20
    random.Random(3).shuffle(rows)
    path.write_text("seen_at,source,proof,phone,unionid,openid:wx1,card\n" + "".join(rows))


def start(path: Path) -> subprocess.Popen[bytes]:
    """The command, in small steps, in a process group of its own."""
    size = path.stat().st_size
    words = START.format(part=PEOPLE // 10, block=size // 60, window=PEOPLE * 3 // 12, path=str(path))
    return subprocess.Popen(
        [sys.executable, "-c", words], cwd=REPOSITORY, env=os.environ, start_new_session=True, stdout=subprocess.DEVNULL
    )


def scalar(query: str) -> int:
    with unit_of_work():
        return int(db.session.execute(text(query)).scalar_one())


def kill_while_it_works(path: Path, moment: float) -> None:
    """Start it, wait until it has written something more, and a little longer, and kill it."""
    before = scalar("SELECT count(*) FROM identity")
    running = start(path)
    end = time.monotonic() + 120
    while running.poll() is None and scalar("SELECT count(*) FROM identity") == before and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(moment)
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def test_a_killed_import_is_finished_by_the_next(committed: flask.Flask, tmp_path: Path) -> None:
    path = tmp_path / "seen.csv"
    a_file(path)
    with committed.app_context():
        for _ in range(KILLS):
            kill_while_it_works(path, random.uniform(0, 0.3))
        assert scalar("SELECT count(*) FROM identity_import WHERE finished_at IS NULL") == 1, "it was killed too late"
        assert start(path).wait() == 1, "some lines are refused"

        whole = "SELECT count(*) FROM (SELECT customer_id FROM identity GROUP BY 1 HAVING count(*) = 4) AS person"
        assert scalar(whole) == scalar("SELECT count(*) FROM customer") == PEOPLE
        assert scalar("SELECT count(*) FROM identity") == 4 * PEOPLE
        assert scalar("SELECT count(*) FROM identity_evidence") == 3 * PEOPLE
        assert scalar("SELECT read FROM identity_import") == 3 * PEOPLE + 20
        assert scalar("SELECT at_line FROM identity_import") == 3 * PEOPLE + 21
    rejects = path.with_name("seen.csv.rejects.csv").read_text().splitlines()
    assert len(rejects) == len(set(rejects)) == 21, "each bad line once, and the header"
