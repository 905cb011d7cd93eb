"""The WeChat platform, simulated: a program of its own, with its own memory of a world of people.

It promises the paths, parameters, answers, error codes, lifetimes and quotas of the real platform, measured by a clock
that can be set, and faults on order. It knows nothing of the product that talks to it, and it refuses to start in
production settings.
"""

from sandbox.assembly import create_app
from sandbox.in_process import InProcessAdapter
from sandbox.settings import RefusedToStart, Settings

__all__ = ["InProcessAdapter", "RefusedToStart", "Settings", "create_app"]
