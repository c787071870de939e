"""Compiling programs that have little to do in two thirds of the time."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp

__all__ = ["quickly"]


def quickly(function: Callable[..., Any]) -> Any:
    """A function compiled for CPUs with less effort, into a program that runs about as fast.

    Of more than some ten thousand products the rest of it is needed: loops over steps, and what
    reads a banded matrix, are up to five times slower. No effort at all would take half as long,
    for programs up to ten times slower.
    """
    return jax.jit(function, compiler_options=_options())


@lru_cache(maxsize=1)
def _options() -> dict[str, Any]:
    options = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}
    try:
        jax.jit(lambda: jnp.zeros(()), compiler_options=options).lower().compile()
    except jax.errors.JaxRuntimeError:  # a version of XLA that does not know them
        return {}
    return options
