"""What `make check` does: every check that needs no running product, two at a time, one line each."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PARALLEL = 2
TYPED = ("app", "jobs", "sandbox", "workbench", "benchmarks", "command_line", "wsgi.py")
DOORS = ("miniprogram_api", "official_account", "wecom", "console", "open_api")


@dataclass(frozen=True)
class Check:
    """One program and the words it gets; `needs` is the path without which there is nothing to look at."""

    name: str
    words: list[str]
    needs: str = "pyproject.toml"


@dataclass(frozen=True)
class Outcome:
    """How a check ended; `seconds` is None when there was nothing to look at."""

    check: Check
    good: bool
    output: str
    seconds: float | None


def checks() -> Iterator[Check]:
    """All of them, the slow ones first, so that two at a time end together."""
    python = str(BIN / "python")
    typed = [name for name in (*TYPED, *DOORS) if (ROOT / name).exists()]
    yield Check("types", [str(BIN / "mypy"), *typed])
    yield Check("architecture", [python, "-m", "pytest", "-q", "tests/architecture"], "tests/architecture")
    yield Check("migration lint", [python, "-m", "workbench.migration_lint"], "migrations")
    yield Check("import contracts", [str(BIN / "lint-imports")], ".importlinter")
    yield Check("linter", [str(BIN / "ruff"), "check", "."])
    yield Check("format", [str(BIN / "ruff"), "format", "--check", "."])


def carry_out(check: Check) -> Outcome:
    """Run one check to its end."""
    if not (ROOT / check.needs).exists():
        return Outcome(check, True, f"there is no {check.needs}", None)
    began = time.monotonic()
    done = subprocess.run(
        check.words,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Outcome(check, done.returncode == 0, done.stdout, time.monotonic() - began)


def main() -> int:
    """Run all; 1 when any found something. What was found follows its line."""
    good = True
    with ThreadPoolExecutor(PARALLEL) as pool:
        for future in as_completed([pool.submit(carry_out, check) for check in checks()]):
            outcome = future.result()
            good = good and outcome.good
            word = "none" if outcome.seconds is None else "ok" if outcome.good else "FAILED"
            remark = outcome.output if outcome.seconds is None else f"{outcome.seconds:.1f} s"
            print(f"  {word:<8}{outcome.check.name:<20}{remark}", flush=True)
            if not outcome.good:
                print(outcome.output, flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
