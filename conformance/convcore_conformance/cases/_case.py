"""What a case is, and the shorthand the rows are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from convcore_conformance.calls import Array, Call

ORACLE: Final = "oracle"


@dataclass(frozen=True)
class Refused:
    """A call that must raise.

    Parameters
    ----------
    error : str
        The name of the ``convcore`` exception.
    argument, value, allowed : str
        Parts of its message: what was wrong, the value that was refused, what is allowed or to be
        done instead. An empty one is not looked at.
    """

    error: str
    argument: str = ""
    value: str = ""
    allowed: str = ""


Wanted: TypeAlias = Array | Refused | Literal["oracle"]


@dataclass(frozen=True, eq=False)
class Case:
    """One row.

    Parameters
    ----------
    id : str
        The test id.
    clauses : tuple of str
        The ids of the clauses that the row shows.
    call : Call
        What is called.
    wanted : ndarray, Refused or "oracle"
        The exact result, where written out; the error; or the oracle's answer within the bound.
    methods : tuple of str
        The methods it holds for; empty for all.
    default_dtype : bool
        Whether the result has the library's default dtype of the kind that is written.
    """

    id: str
    clauses: tuple[str, ...]
    call: Call
    wanted: Wanted = ORACLE
    methods: tuple[str, ...] = ()
    default_dtype: bool = False

    @property
    def dtypes(self) -> set[str]:
        """Those that the row is about; int64 is what rows have that are about none."""
        named = {operand.dtype.name for operand in self.call.operands}
        return (named | {self.call.kwargs.get("dtype") or "int64"}) - {"int64"}


def array(values: Any, dtype: str = "int64") -> Array:
    """Make an operand, of int64 unless said."""
    return np.array(values, dtype=dtype)


def zeros(*shape: int, dtype: str = "int64") -> Array:
    """Make an operand of zeros, to show shapes."""
    return np.zeros(shape, dtype)


def digits(n: int) -> Array:
    """1, 10, 100, ...: the digits of a result show which samples met."""
    return array([10**i for i in range(n)])


def counted(m: int) -> Array:
    """1, 2, 3, ..."""
    return array(range(1, m + 1))


def call(op: str, *arrays: Any, **options: Any) -> Call:
    """Write a call as it is made."""
    return Call(op, arrays, options)


def row(
    name: str,
    clauses: str,
    made: Call,
    wanted: Any = ORACLE,
    *,
    dtype: str = "int64",
    methods: tuple[str, ...] = (),
    default_dtype: bool = False,
) -> Case:
    """Write a row; ``clauses`` is spaced, ``wanted`` may be nested lists of ``dtype``."""
    if not isinstance(wanted, Refused | str):
        wanted = array(wanted, dtype)
    return Case(f"{made.op}-{name}", tuple(clauses.split()), made, wanted, methods, default_dtype)


def refused(
    name: str, clauses: str, made: Call, error: str, argument: str, value: str, allowed: str
) -> Case:
    """Write a row of a call that must raise, and whose message must hold all three parts."""
    shown = f"{clauses} CC-ERROR-2 CC-ERROR-3 CC-ERROR-4 CC-ERROR-5 CC-ERROR-13"
    return Case(
        f"{made.op}-{name}", tuple(shown.split()), made, Refused(error, argument, value, allowed)
    )
