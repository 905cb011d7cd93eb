"""Carries the platform's pushes to the products behind its apps, and reads their passive replies."""

from sandbox.pushing.courier import Courier

__all__ = ["Courier"]
