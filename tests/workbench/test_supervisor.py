"""Programs are kept running, are stopped in time, and a killed supervisor leaves nothing behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from workbench import supervisor as subject
from workbench.supervisor import Crashed, Program, Supervisor, procfile


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "logs", tmp_path / "programs.json", say=said.append)
    yield made
    made.stop()


def watch_until(supervisor: Supervisor, done: object, limit: float = 10) -> None:
    end = time.monotonic() + limit
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        supervisor.watch()
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_gone(pid: int) -> None:
    end = time.monotonic() + 5
    while not gone(pid):
        assert time.monotonic() < end, f"process {pid} still lives"
        time.sleep(0.02)


def test_a_program_killed_with_9_is_reported_and_started_again(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(Program("web", "sleep 60"))
    first = supervisor.pid("web")
    os.kill(first, signal.SIGKILL)
    watch_until(supervisor, lambda: supervisor.pid("web") != first)
    assert "web ended (by SIGKILL)" in said[0]
    assert not gone(supervisor.pid("web"))


def test_a_program_that_keeps_crashing_ends_the_run_with_its_last_words(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "AGAIN_AFTER", 0.02)
    supervisor.start(Program("web", "sh -c 'echo cannot find my hat; exit 3'"))
    with pytest.raises(Crashed, match=r"(?s)web ended \(code 3\).*cannot find my hat"):
        watch_until(supervisor, lambda: False, limit=20)


def test_a_deaf_program_and_its_children_are_stopped_within_ten_seconds(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "STOP_WITHIN", 1.0)
    note = tmp_path / "child"
    deaf = f"sh -c 'trap \"\" TERM; sleep 60 & echo $! > {note}; wait; sleep 60'"
    supervisor.start(Program("deaf", deaf))
    supervisor.start(Program("polite", "sleep 60"))
    watch_until(supervisor, lambda: note.exists() and note.read_text().strip())
    pids = [int(note.read_text()), supervisor.pid("deaf"), supervisor.pid("polite")]
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 3
    for pid in pids:
        wait_gone(pid)


def test_a_step_hands_over_its_lines_and_its_failure(supervisor: Supervisor) -> None:
    lines: list[str] = []
    supervisor.carry_out(Program("step", "sh -c 'echo one; echo two'"), moment=lambda: None, seen=lines.append)
    assert [line for line in lines if line] == ["one", "two"]
    with pytest.raises(Crashed, match=r"(?s)code 4.*lost"):
        supervisor.carry_out(Program("step", "sh -c 'echo lost; exit 4'"), moment=lambda: None, seen=lines.append)


def test_after_a_killed_supervisor_the_next_one_clears_what_is_left(supervisor: Supervisor, tmp_path: Path) -> None:
    """Its own children die with it on Linux; what they started, and children elsewhere, are for the next one."""
    note = tmp_path / "child"
    former = textwrap.dedent(f"""
        import os, pathlib, time
        from workbench.supervisor import Program, Supervisor
        made = Supervisor(pathlib.Path({str(tmp_path / "logs")!r}), pathlib.Path({str(supervisor.note)!r}))
        made.start(Program("web", "sh -c 'sleep 60 & echo $! > {note}; wait'"))
        while not (pathlib.Path({str(note)!r}).exists() and pathlib.Path({str(note)!r}).read_text().strip()):
            time.sleep(0.02)
        os.kill(os.getpid(), 9)
    """)
    subprocess.run([sys.executable, "-c", former], check=False, timeout=20)
    grandchild = int(note.read_text())
    assert not gone(grandchild)
    assert supervisor.clear_former() == 1
    wait_gone(grandchild)
    assert supervisor.clear_former() == 0


def test_a_reused_process_number_is_left_alone(supervisor: Supervisor) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        supervisor.note.write_text(f"[[{stranger.pid}, 12345.0]]")
        assert supervisor.clear_former() == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_procfile_names_the_programs_of_the_product() -> None:
    programs = procfile(Path(__file__).parents[2] / "Procfile")
    assert [program.name for program in programs] == ["web", "clock", "workers"]
