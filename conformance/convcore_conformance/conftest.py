"""Fixtures of the suite."""

from __future__ import annotations

import pytest

from .libraries import LIBRARIES, Library


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.name, scope="session")
def library(request: pytest.FixtureRequest) -> Library:
    """Give each array library in turn."""
    chosen: Library = request.param
    pytest.importorskip(chosen.module)
    return chosen
