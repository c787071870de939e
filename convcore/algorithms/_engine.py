"""What an engine is: a way to run canonical problems."""

from collections.abc import Callable
from typing import TypeAlias

from convcore._backend import Staged
from convcore._problem import ConvProblem
from convcore._typing import Namespace

__all__ = ["Engine"]

Engine: TypeAlias = Callable[[ConvProblem, Namespace], Staged]
"""From a canonical problem and a namespace to its run.

Canonical is unflipped correlation of arrays of the accumulator's dtype with nothing but zeros
beyond them; `frame` makes every problem so.
"""
