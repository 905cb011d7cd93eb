"""A page on which a person can do by hand what the world API does."""

from sandbox.pages.views import blueprint

__all__ = ["blueprint"]
