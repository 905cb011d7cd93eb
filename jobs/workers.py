"""The worker processes: `python -m jobs.workers [--processes N] [--threads N]` (Dramatiq's own command line behind it)."""

import sys

from dramatiq import cli


def main() -> int:
    """Run Dramatiq on our actors; one process of eight threads unless told otherwise."""
    given = sys.argv[1:]
    defaults = [] if "--processes" in given else ["--processes", "1"]
    defaults += [] if "--threads" in given else ["--threads", "8"]
    parser = cli.make_argument_parser()  # type: ignore[no-untyped-call]
    return int(cli.main(parser.parse_args(["jobs.worker_start", *defaults, *given])) or 0)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    sys.exit(main())
