"""The simulated world: apps, people, codes, tokens, quotas, faults and a clock. It knows nothing of HTTP."""

from sandbox.world import ids
from sandbox.world.apps import App, BadWorldInput, Template
from sandbox.world.people import Follower, Person
from sandbox.world.world import NotInWorld, World

__all__ = ["App", "BadWorldInput", "Follower", "NotInWorld", "Person", "Template", "World", "ids"]
