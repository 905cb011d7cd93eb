"""A named point kills the process that reaches it, the n-th time; nothing happens at others, and never in production."""

import os
import subprocess
import sys

import pytest

from app.kernel.settings import SettingsError, read_settings

WALK = """
from app.kernel import failpoints
for number in range(5):
    failpoints.here("other")
    print(number, flush=True)
    failpoints.here("this.one")
"""


@pytest.mark.parametrize(("armed", "printed", "code"), [("", 5, 0), ("this.one", 1, -9), ("this.one:3", 3, -9)])
def test_a_point_kills_when_it_is_named(armed: str, printed: int, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WALK], env=os.environ | {"GUIYI_FAILPOINT": armed}, capture_output=True, check=False
    )
    assert (done.returncode, len(done.stdout.split())) == (code, printed)


def test_production_does_not_start_with_one() -> None:
    with pytest.raises(SettingsError, match="GUIYI_FAILPOINT"):
        read_settings({**os.environ, "GUIYI_ENV": "production", "GUIYI_TEST_CLOCK": "", "GUIYI_DEMO": "",
                       "GUIYI_FAILPOINT": "x"})  # fmt: skip
