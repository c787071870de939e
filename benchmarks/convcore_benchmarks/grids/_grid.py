"""What a grid is."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from convcore_benchmarks.cases import Case
from convcore_benchmarks.libraries import Library
from convcore_benchmarks.record import Row
from convcore_benchmarks.timing import Effort

__all__ = ["Grid", "Measure"]

Measure: TypeAlias = Callable[[str, Case, Library, Effort], Row]


class Grid(NamedTuple):
    """A table of cases, and how each is measured.

    Attributes
    ----------
    name, about : str
        What to call it, and a sentence for its page.
    cases : sequence of Case
        Its rows.
    measure : callable
        ``(name, case, library, effort) -> Row``.
    is_alone : bool
        Whether each case runs in a process of its own.
    effort : Effort
        What a contender's part in a case is worth.
    """

    name: str
    about: str
    cases: Sequence[Case]
    measure: Measure
    is_alone: bool = False
    effort: Effort = Effort(0.3, 15)
