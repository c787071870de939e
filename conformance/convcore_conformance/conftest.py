"""Which library and how many examples: what the options of the plugin choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import convcore

from . import examples
from .checks import RATIOS
from .libraries import Library, chosen

# A wheel has the specification here, for the report: its examples are the documentation's to run.
collect_ignore = ["spec_pages"]

_CHOSEN = pytest.StashKey[tuple[Library, ...]]()


def pytest_configure(config: pytest.Config) -> None:
    """Take the libraries once, and the level before any test is decorated."""
    said = config.getoption
    level = said("convcore_level")
    examples.choose(level)
    try:
        config.stash[_CHOSEN] = chosen(said("convcore_backend"), said("convcore_device"), level)
    except ValueError as error:
        raise pytest.UsageError(f"--convcore-backend: {error}") from error


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test each library in turn."""
    if "library" in metafunc.fixturenames:
        libraries = metafunc.config.stash[_CHOSEN]
        names = [library.name for library in libraries]
        metafunc.parametrize("library", libraries, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def library(request: pytest.FixtureRequest) -> Library:
    """Give one library, if it is installed."""
    row: Library = request.param
    if row.module:
        pytest.importorskip(row.module)
    if not row.is_standard and row.backend not in convcore.backends():
        pytest.skip(f"the backend {row.backend!r} is not there")
    return row


@pytest.fixture(autouse=True)
def worst(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Tell the report the worst error over bound of a test."""
    RATIOS.clear()
    yield
    if RATIOS:
        record_property("worst", max(RATIOS))
