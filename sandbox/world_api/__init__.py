"""The world's own interface under /_world/: a simulator's controls, for tests and for playing by hand."""

from sandbox.world_api.routes import blueprint

__all__ = ["blueprint"]
