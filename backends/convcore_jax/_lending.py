"""Arrays of other libraries as JAX's and back, by DLPack."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from array_api_compat import array_namespace

from convcore.plugins import ArrayTypeError, Device, DTypeError, Unbound, lend_by, return_to
from convcore_jax._places import named

__all__ = ["give_back", "lend"]


def lend(x: Any, device: Device) -> Any:
    """An array as JAX's, on the device of that name, or on its own where None is named."""
    y = x if isinstance(x, jax.Array) else lend_by(_taken, x, "JAX")
    if device is None:
        return y
    place = named(device)
    # What is bound to no device is made anew: JAX leaves where they are what DLPack has bound.
    return place.put(np.asarray(y) if isinstance(place, Unbound) and y is not x else y)


def _taken(x: Any) -> Any:
    try:
        y = jnp.from_dlpack(x)
    except jax.errors.JaxRuntimeError:  # XLA has no words for gaps and repetitions, as of x[::2]
        y = jnp.from_dlpack(array_namespace(x).asarray(x, copy=True))
    if str(y.dtype) != _name(x):
        raise DTypeError(
            f"an array of {_name(x)} would be truncated to {y.dtype}, as jax_enable_x64 is off; "
            "convert it first, or turn jax_enable_x64 on"
        )
    return y


def _name(x: Any) -> str:
    return str(x.dtype).rpartition(".")[2]


def give_back(y: Any, like: Any) -> Any:
    """A result as an array of like's library, where like is."""
    if isinstance(like, jax.core.Tracer):
        return y
    if isinstance(like, jax.Array):
        return jax.device_put(y, next(iter(like.devices()))) if like.committed else y
    if isinstance(y, jax.core.Tracer):
        raise ArrayTypeError("a traced result cannot be given back to another library")
    return return_to(y, like)
