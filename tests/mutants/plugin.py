"""For ``pytest -p mutants.plugin``: the loopback, or one of its mutants, registered."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

import convcore_conformance.examples  # noqa: F401 - registers the profiles
from convcore.plugins import registry

from .loopback import Loopback, Plugin
from .rows import MUTANTS


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which mutant; none unless said."""
    parser.addoption("--mutant", default="", choices=("", *MUTANTS), help="a row of mutants.rows")
    parser.addoption("--cited-only", action="store_true", help="skip what cites no clause of it")


def pytest_configure(config: pytest.Config) -> None:
    """Register the backend under the name of the mutant."""
    name = config.getoption("mutant")
    backend = Loopback(name or "loopback")
    if name:
        MUTANTS[name].spoil(backend)
        _find_without_shrinking()
    registry.register(backend.name, Plugin(backend), "the mutants")


def _find_without_shrinking() -> None:
    """Run the same examples, but be content with the first that fails."""
    found = (Phase.explicit, Phase.reuse, Phase.generate)
    for level in ("quick", "full"):
        profile = settings.get_profile(level)
        settings.register_profile(level, profile, phases=found, report_multiple_bugs=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run first what should catch the mutant, and not at all what judges no library."""
    name = config.getoption("mutant")
    if not name:
        return
    clauses = set(MUTANTS[name].clauses)
    judging = [item for item in items if _judges(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _judges(item)])
    if config.getoption("cited_only"):
        judging = [item for item in judging if clauses & _cited(item)]
    items[:] = sorted(judging, key=lambda item: (not clauses & _cited(item), _is_random(item)))


def _judges(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "library" in callspec.params


def _cited(item: pytest.Item) -> set[str]:
    return {name for mark in item.iter_markers("clauses") for name in mark.args}


def _is_random(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "obj", None), "hypothesis")
