"""A bar while something long is done: what is read of a file, how many rows a second."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextlib.contextmanager
def reading_bar(title: str, size: int) -> Iterator[Callable[[int, str], None]]:
    """A bar over `size` bytes; the function takes the bytes read so far and a text. On standard error, silent in a pipe."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=size, told="")
        yield lambda position, told: progress.update(task, completed=position, told=told)
