"""Every mutant by name."""

from . import (
    rows_arrays,
    rows_gradients,
    rows_indexing,
    rows_methods,
    rows_neural,
    rows_numbers,
    rows_state,
)
from .spoil import Mutant

__all__ = ["MUTANTS"]

_MODULES = (
    rows_indexing,
    rows_neural,
    rows_gradients,
    rows_numbers,
    rows_methods,
    rows_arrays,
    rows_state,
)
_ROWS = [row for module in _MODULES for row in module.ROWS]
MUTANTS: dict[str, Mutant] = {row.name: row for row in _ROWS}
assert len(MUTANTS) == len(_ROWS), "two mutants of one name"
