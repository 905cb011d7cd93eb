"""Starts programs, keeps them running, and stops them in time.

honcho's own manager ends everything when one program ends and leaves orphans when it is killed itself; here a crashed
program is started again, a killed supervisor takes its programs along (on Linux), and the next one clears what is left.
The programs are read from the Procfile by honcho, so that any other supervisor can run them too.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from honcho.environ import parse_procfile

STOP_WITHIN = 5.0
AGAIN_AFTER = 0.25
STEADY_AFTER = 30.0
MOST_CRASHES = 3
LOG_LIMIT = 20_000_000
TAIL = 20


class Crashed(RuntimeError):
    """A program ended and starting it again did not help; the text has its last lines."""


@dataclass(frozen=True)
class Program:
    """A name and what the shell runs under it."""

    name: str
    command: str


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int
    since: float
    crashes: int = 0
    again_at: float | None = None


def procfile(path: Path) -> list[Program]:
    """The programs a Procfile names, in its order."""
    return [Program(name, command) for name, command in parse_procfile(path.read_text()).processes.items()]


def _die_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes the program: ask the kernel to end it when we are killed."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@dataclass
class Supervisor:
    """Programs with their logs in `logs`; `note` remembers them for whoever comes after a kill; `say` tells a person;
    programs inherit our environment, with `environment` on top.

    Use from one thread: children are tied to the life of the thread that starts them.
    """

    logs: Path
    note: Path
    say: Callable[[str], None] = print
    environment: Mapping[str, str] | None = None
    _running: dict[str, _Running] = field(default_factory=dict)

    def start(self, program: Program) -> None:
        """Start a program in a session of its own, its output appended to its log."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{program.name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            begin = output.tell()  # asked now, since the child shares this position and moves it
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {program.command}"],
                env=None if self.environment is None else {**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # safe: this runs in one thread
            )
            self._running[program.name] = _Running(program, process, log, begin, time.monotonic())
        self._remember()

    def pid(self, name: str) -> int:
        """The process id under which a program runs now."""
        return self._running[name].process.pid

    def watch(self) -> None:
        """Look once at every program; say that one ended and start it again after a moment. Raises Crashed when
        that happens too often."""
        for running in list(self._running.values()):
            if running.again_at is not None:
                self._start_again(running)
                continue
            code = running.process.poll()
            if code is None:
                if time.monotonic() - running.since > STEADY_AFTER:
                    running.crashes = 0
                continue
            running.crashes += 1
            if running.crashes > MOST_CRASHES:
                raise Crashed(self.epitaph(running.program.name))
            running.again_at = time.monotonic() + AGAIN_AFTER * 2**running.crashes
            self.say(f"{running.program.name} ended ({_how(code)}), starting it again; its log is {running.log}")
            self._sweep_group(running.process.pid)

    def _start_again(self, running: _Running) -> None:
        if running.again_at is not None and time.monotonic() >= running.again_at:
            self.start(running.program)
            self._running[running.program.name].crashes = running.crashes

    def carry_out(self, program: Program, *, moment: Callable[[], None], seen: Callable[[str], None]) -> None:
        """Run a program to its end; `seen` gets each new line of its log, `moment` is called many times a second and
        may raise to give up. Raises Crashed when the program fails."""
        self.start(program)
        running = self._running[program.name]
        with running.log.open(errors="replace") as log:
            log.seek(running.log_start)
            begun = ""
            while True:
                code = running.process.poll()
                *whole, begun = (begun + log.read()).split("\n")
                for line in whole:
                    seen(line.strip())
                if code is not None:
                    seen(begun.strip())
                    break
                moment()
                time.sleep(0.05)
        if code:
            raise Crashed(self.epitaph(program.name))
        del self._running[program.name]

    def ended(self) -> str | None:
        """The name of a program that has ended, if one has; for the time before all are up."""
        return next((name for name, running in self._running.items() if running.process.poll() is not None), None)

    def epitaph(self, name: str) -> str:
        """How a program ended and its last lines."""
        running = self._running[name]
        with running.log.open("rb") as log:
            log.seek(max(running.log_start, running.log.stat().st_size - 50_000))
            lines = log.read().decode(errors="replace").splitlines()[-TAIL:]
        how = _how(running.process.poll())
        return "\n".join([f"{name} ended ({how}); the end of {running.log}:", *(f"    {line}" for line in lines)])

    def stop(self) -> None:
        """Ask every program to end, wait a few seconds, end by force what is left, families included."""
        pids = [running.process.pid for running in self._running.values()]
        for running in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                running.process.terminate()
        end = time.monotonic() + STOP_WITHIN
        for running in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.0, end - time.monotonic()))
        for pid in pids:
            self._sweep_group(pid)
        for running in self._running.values():
            running.process.wait()
        self._running.clear()
        self.note.unlink(missing_ok=True)

    def clear_former(self) -> int:
        """End what a killed supervisor left running; the number of programs found."""
        try:
            former = [(int(pid), float(created)) for pid, created in json.loads(self.note.read_text())]
        except (OSError, ValueError, TypeError):
            return 0
        left = [pid for pid, created in former if _family(pid, created)]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                # A leader ends its family in good order; without one everybody is told.
                (os.kill if pid in _members(pid) else os.killpg)(pid, signal.SIGTERM)
        end = time.monotonic() + STOP_WITHIN
        while time.monotonic() < end and any(_members(pid) for pid in left):
            time.sleep(0.05)
        for pid in left:
            self._sweep_group(pid)
        self.note.unlink(missing_ok=True)
        return len(left)

    def _remember(self) -> None:
        known = [(running.process.pid, _created(running.process.pid)) for running in self._running.values()]
        self.note.parent.mkdir(parents=True, exist_ok=True)
        half = self.note.with_suffix(".half")
        half.write_text(json.dumps(known))
        half.replace(self.note)

    @staticmethod
    def _sweep_group(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _how(code: int | None) -> str:
    if code is None:
        return "still running"
    return f"by {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def _created(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _members(group: int) -> list[int]:
    """The living processes of a process group."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.Error):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def _family(pid: int, created: float) -> bool:
    """Whether the group that `pid` led still lives. A leader of another birth is a stranger with a used number;
    no leader but members is ours, since the kernel keeps a number back while its group lives."""
    leader = _created(pid)
    if leader and abs(leader - created) > 1:
        return False
    return bool(_members(pid))
