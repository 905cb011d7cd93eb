"""Where a local server keeps its files: one folder with a lock, a remembered port, and an owner who may run it."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

UNPRIVILEGED = "nobody"


class WorkbenchError(RuntimeError):
    """Something on this machine keeps a local server from working; the text says what to look at."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` alone, across processes; the kernel lets go of it when the holder dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def port_is_free(port: int) -> bool:
    """True when nobody listens on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def remembered_port(folder: Path) -> int:
    """The port written in `folder`, or another one, then remembered, when it is taken or none was written."""
    note = folder / "port"
    with contextlib.suppress(OSError, ValueError):
        port = int(note.read_text())
        if port_is_free(port):
            return port
    port = free_port()
    note.write_text(f"{port}\n")
    return port


def lower_user() -> pwd.struct_passwd | None:
    """Whom servers run as that refuse root: None when we are not root ourselves."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether `user` may walk down to `path`; only the folders above it are judged."""
    for folder in path.resolve().parents:
        if not folder.exists():
            continue
        found = folder.stat()
        own = found.st_uid == user.pw_uid and found.st_mode & stat.S_IXUSR
        if not (own or found.st_mode & stat.S_IXOTH):
            return False
    return True


def aside(path: Path, kind: str) -> Path:
    """A folder under /var/tmp that stands in for `path`, always the same one, owned by us or the unprivileged user."""
    key = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    place = Path("/var/tmp") / f"guiyi-{kind}-{key}"
    place.mkdir(mode=0o755, exist_ok=True)
    user = lower_user()
    if place.is_symlink() or place.stat().st_uid not in {os.geteuid(), user.pw_uid if user else os.geteuid()}:
        raise WorkbenchError(f"{place} belongs to somebody else; remove it and try again")
    if place.stat().st_uid == os.geteuid():
        place.chmod(0o755)  # whatever our umask says, the unprivileged user has to pass
    return place


def copied_aside(trees: list[Path], kind: str) -> Path:
    """A folder with copies of `trees`, side by side, where the unprivileged user reaches them; made once per version."""
    place = aside(trees[0], kind)
    copy = place / str(trees[0].stat().st_mtime_ns)
    with locked(place):
        if not copy.exists():
            half = place / "half"
            shutil.rmtree(half, ignore_errors=True)
            for tree in trees:
                shutil.copytree(tree, half / tree.name, symlinks=True)
            for path in (half, *half.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o055 if path.stat().st_mode & stat.S_IXUSR else 0o044))
            half.rename(copy)
    return copy
