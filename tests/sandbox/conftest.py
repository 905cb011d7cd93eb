"""A fresh sandbox for every test."""

import pytest

from sandbox import Settings, create_app
from tests.sandbox.playing import Platform


@pytest.fixture
def platform() -> Platform:
    return Platform(create_app(Settings()))
