"""jax.numpy as the array API has it: only what the configuration can hold, at one precision."""

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["JAXNamespace", "namespace", "precision", "summed_in"]

_WIDE = frozenset(("int64", "uint64", "float64", "complex128"))


def precision(name: str) -> Any:
    """What "ieee" and "fast" are called in XLA."""
    return lax.Precision.HIGHEST if name == "ieee" else lax.Precision.DEFAULT


def summed_in(dtype: Any) -> Any:
    """What sums of a dtype are made in: narrow integers, which may saturate, in more bits."""
    if dtype.kind not in "iu" or dtype.itemsize >= 4:
        return dtype
    return jnp.dtype(jnp.int32 if dtype.kind == "i" else jnp.uint32)


@lru_cache(maxsize=4)
def _of(wide: bool, precise: str) -> "JAXNamespace":
    return JAXNamespace(wide, precise)


def namespace(precise: str = "ieee") -> "JAXNamespace":
    """The namespace under the configuration in force."""
    return _of(bool(jax.config.jax_enable_x64), precise)


class JAXNamespace:
    """jax.numpy without the dtypes that JAX would truncate in silence.

    The precision of products is said with each, as the default follows a global flag.
    """

    def __init__(self, wide: bool, precise: str) -> None:
        self.__name__ = "jax.numpy" if wide else "jax.numpy (jax_enable_x64 is off)"
        self._wide = wide
        self._precision = precision(precise)

    def __getattr__(self, name: str) -> Any:
        if name in _WIDE and not self._wide:
            raise AttributeError(f"{self.__name__} has no {name}")
        return getattr(jnp, name)

    def matmul(self, x: Any, y: Any) -> Any:
        sums = summed_in(x.dtype)
        product = jnp.matmul(
            x.astype(sums), y.astype(sums), precision=self._precision, preferred_element_type=sums
        )
        return product.astype(x.dtype)

    def asarray(self, values: Any, *, dtype: Any = None, device: Any = None) -> Any:
        # Left uncommitted, so that it follows the arrays it is made for, however they are sharded.
        return jnp.asarray(values, dtype=dtype)
