"""How many random problems a test tries."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import settings

__all__ = ["choose", "level", "random_examples"]

_Test = TypeVar("_Test", bound=Callable[..., Any])
_COUNTS = {"quick": 8, "full": 60}
_profile = "full"

# Derandomised: a run in CI is a fact about the code, not about the day. CONVCORE_EXAMPLES sets
# another count; for a search through new problems choose a profile with ``derandomize=False``.
for _level, _count in _COUNTS.items():
    settings.register_profile(
        _level,
        derandomize=True,
        deadline=None,
        max_examples=int(os.environ.get("CONVCORE_EXAMPLES", _count)),
        print_blob=False,
    )


def choose(level: str) -> None:
    """Choose how much the tests that are decorated from now on try.

    Parameters
    ----------
    level : {"quick", "full"}
        Some 8 or 60 problems each.
    """
    global _profile  # noqa: PLW0603
    _profile = level


def level() -> str:
    """Give the level that was chosen.

    Returns
    -------
    {"quick", "full"}
        Known before any test module is imported.
    """
    return _profile


def random_examples(test: _Test) -> _Test:
    """Decorate a test of random problems.

    Parameters
    ----------
    test : callable
        One that hypothesis calls.

    Returns
    -------
    callable
        The same, with the chosen number of problems.
    """
    return settings(settings.get_profile(_profile))(test)
