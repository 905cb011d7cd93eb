"""`python -m benchmarks [NAME …]`: runs the named benches, else all; prints one line of JSON a figure.

A bench that comes to several figures at once gives them by name, its own first; each of them is a bench of its own too.
"""

import importlib
import json
import sys
import time
import traceback
from pathlib import Path

from benchmarks.harness.ground import Ground

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every bench there is."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def main(wanted: list[str]) -> int:
    """Run them; 1 when any failed, 2 when a name is unknown."""
    unknown = sorted(set(wanted) - set(names()))
    if unknown or not names():
        print(f"no bench {', '.join(unknown)}; there are: {', '.join(names()) or 'none'}", file=sys.stderr)
        return 2
    ground = Ground()
    code = 0
    told: set[str] = set()
    try:
        for name in wanted or names():
            if name in told:
                continue
            began = time.monotonic()
            print(f"{name} …", file=sys.stderr, flush=True)
            try:
                result = importlib.import_module(f"benchmarks.{name}").run(ground)
            except Exception:
                traceback.print_exc()
                code = 1
                continue
            conditions = {**ground.conditions(), "took_seconds": round(time.monotonic() - began)}
            for figure, found in (result if isinstance(result, dict) else {name: result}).items():
                told.add(figure)
                print(json.dumps(found.line(figure, conditions), ensure_ascii=False), flush=True)
    finally:
        ground.close()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
