"""Makes a fresh clone ready: `python3 -m workbench.setup [tests]`. Standard library only; it runs before anything is there.

Each step is skipped when what it made still fits what asks for it, so that a second time costs a fraction of a second.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
A_DAY = 86_400

# Runs inside the virtual environment: says whether every pinned line on its input is installed.
PINNED = """
import importlib.metadata, sys
for line in sys.stdin:
    name, _, version = line.strip().partition("==")
    try:
        if importlib.metadata.version(name.partition("[")[0]) != version: sys.exit(1)
    except importlib.metadata.PackageNotFoundError: sys.exit(1)
"""


class SetupError(RuntimeError):
    """The machine lacks something; the text says what and what to do."""


class Progress:
    """One line that moves on a terminal; elsewhere a plain line every few seconds."""

    def __init__(self, title: str) -> None:
        self.title, self.began, self.said = title, time.monotonic(), 0.0
        self._show("…")

    def step(self, text: str) -> None:
        """Tell how far it is; may be called often."""
        now = time.monotonic()
        if sys.stdout.isatty() or now - self.said > 3:
            self._show(text)

    def done(self, text: str = "ready") -> None:
        """End the line with the time it took."""
        self._show(f"{text} ({time.monotonic() - self.began:.1f} s)", last=True)

    def _show(self, text: str, last: bool = False) -> None:
        self.said = time.monotonic()
        line = f"  {self.title}: {text}"
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:width]}", end="\n" if last else "", flush=True)
        else:
            print(line, flush=True)


def follow(words: Iterable[str | Path], seen: Callable[[str], None], *, env: dict[str, str] | None = None) -> None:
    """Run a command in the project's folder, hand over each line of its output; its last lines are the error."""
    tail: list[str] = []
    command = [os.fspath(word) for word in words]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            tail = [*tail[-19:], line.rstrip()]
            seen(line.strip())
    if process.returncode:
        raise SetupError("\n".join([f"failed: {' '.join(command)}", *tail]))


def stamped(stamp: Path, sources: list[Path]) -> tuple[bool, str]:
    """Whether `stamp` was written for these very sources, and what to write into it."""
    mark = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
    return stamp.exists() and stamp.read_text().strip() == mark, mark


def pins(sources: list[Path]) -> list[str]:
    """The `name==version` lines of requirement files."""
    return [line for path in sources for line in path.read_text().splitlines() if re.match(r"^[\w.\[\]-]+==", line)]


def make_venv() -> None:
    """Create .venv unless it works; a link to another environment is as good."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False, capture_output=True).returncode == 0:
        return
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12 …")
    progress = Progress("virtual environment")
    words: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    try:
        follow(words, progress.step)
    except SetupError:
        # Debian keeps venv's pip in a package of its own.
        apt(["python3-venv", f"python3.{sys.version_info.minor}-venv"], progress)
        follow(words, progress.step)
    progress.done()


def install_python(names: list[str]) -> None:
    """Install the pinned requirements when they changed since the last time."""
    sources = [ROOT / name for name in names]
    stamp = VENV / f".{names[-1]}.stamp"
    fits, mark = stamped(stamp, sources)
    if fits:
        return
    wanted = pins(sources)
    have = subprocess.run([PYTHON, "-c", PINNED], input="\n".join(wanted), text=True, check=False).returncode == 0
    if not have:
        progress = Progress("Python packages")
        met: set[str] = set()

        def seen(line: str) -> None:
            found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
            if found:
                met.add(found[1].lower())
                progress.step(f"{min(len(met), len(wanted))} of {len(wanted)}, {found[1]}")
            elif line.startswith("Installing collected"):
                progress.step(f"unpacking {len(wanted)}")

        files = [word for source in sources for word in ("-r", source)]
        follow([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", *files], seen)
        progress.done(f"{len(wanted)} installed")
    stamp.write_text(mark + "\n")


def install_npm() -> None:
    """Install what package-lock.json pins when it changed since the last time."""
    stamp = ROOT / "node_modules" / ".guiyi-stamp"
    fits, mark = stamped(stamp, [ROOT / "package-lock.json"])
    if fits:
        return
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else "v0"
    if int(version.strip().lstrip("v").partition(".")[0]) < OLDEST_NODE or not shutil.which("npm"):
        raise SetupError(f"Node {OLDEST_NODE} or newer with npm is needed; found {version.strip() if node else 'none'}")
    progress = Progress("npm packages")
    count = (ROOT / "package-lock.json").read_text().count('"node_modules/')
    got = 0

    def seen(line: str) -> None:
        nonlocal got
        if "http fetch" in line:
            got += 1
            progress.step(f"{min(got, count)} of {count}")

    follow(["npm", "ci", "--loglevel=http", "--no-progress"], seen)
    stamp.write_text(mark + "\n")
    progress.done(f"{count} installed")


def browser() -> str | None:
    """The browser for tests in a real browser: GUIYI_BROWSER, else a Chromium on the path, else None."""
    return os.environ.get("GUIYI_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


def chinese_font() -> bool:
    """Whether Chinese would be shown as characters, not as boxes."""
    tool = shutil.which("fc-list")
    return bool(tool and subprocess.run([tool, ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())


def apt(packages: list[str], progress: Progress) -> None:
    """Install Debian packages where we may, as root or by a sudo that asks nothing; SetupError where not."""
    before: list[str] = []
    if os.geteuid() != 0:
        before = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
            raise SetupError(f"please install {' '.join(packages)}: only root may")
    if not shutil.which("apt-get"):
        raise SetupError(f"please install {' '.join(packages)}: there is no apt-get here")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    follow([*before, "apt-get", "-o", "Acquire::Retries=1", "update"], progress.step, env=quiet)
    follow([*before, "apt-get", "install", "-y", "--no-install-recommends", *packages], progress.step, env=quiet)


def install_browser() -> None:
    """Install Chromium and a Chinese font where we may; where not say so, and the browser's tests are skipped."""
    missing = [name for name, there in (("chromium", browser()), ("fonts-noto-cjk", chinese_font())) if not there]
    refused = ROOT / ".data" / "browser-refused"
    if not missing:
        return
    with contextlib.suppress(OSError):
        if time.time() - refused.stat().st_mtime < A_DAY:
            print(f"  browser: {', '.join(missing)} missing, tried today; the browser's tests are skipped")
            return
    progress = Progress("browser")
    try:
        apt([*missing, *([] if shutil.which("fc-list") else ["fontconfig"])], progress)
    except SetupError as error:
        refused.parent.mkdir(exist_ok=True)
        refused.write_text(f"{error}\n")
        progress.done(f"{str(error).splitlines()[-1]}; the browser's tests are skipped")
    else:
        progress.done()


def main(words: list[str]) -> int:
    """Set up for running, or with `tests` for checks and tests too; 1 when something is lacking."""
    try:
        make_venv()
        install_python(
            ["requirements-data.txt", "requirements.txt", *(["requirements-dev.txt"] if "tests" in words else [])]
        )
        install_npm()
        if "browser" in words:
            install_browser()
    except SetupError as error:
        print(f"\nSet-up stopped. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
