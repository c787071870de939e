"""JAX's: XLA's convolution in both of its layouts, and the functions of `jax.numpy` and SciPy."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from convcore import Plan
from convcore_benchmarks.cases import Case
from convcore_benchmarks.timing import Call

from ._peer import Peer

__all__ = ["PEERS"]

_LETTERS = "DHW"
_MOST_PRODUCTS = {1: 2 * 10**9, 2: 2 * 10**8, 3: 2 * 10**7}  # by rank: XLA takes up to 20 ns each
_MOST_SAMPLES = 10**6  # of several dimensions in float64: XLA's CPU code crashed at four million


def _spell(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op in ("convolve", "correlate"):
        return _signal(case, plan, arguments)
    return _layer(case, plan, arguments, last=False)


def _spell_last(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    return _layer(case, plan, arguments, last=True) if case.op == "conv" else None


def _spell_fft(case: Case, _plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op != "convolve" or not _is_inexact(arguments):
        return None
    if "axes" in case.options and case.shapes[0][0] != case.shapes[1][0]:
        return None  # other axes do not broadcast
    mode, axes = case.options.get("mode", "full"), case.options.get("axes")
    own = jax.jit(partial(jax.scipy.signal.fftconvolve, mode=mode, axes=axes))
    return _awaited(own, arguments)


def _signal(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if not _is_inexact(arguments):
        return None
    rank, mode = arguments[0].ndim, case.options.get("mode", "full")
    if "axes" in case.options or plan.problem.multiplications > _MOST_PRODUCTS[rank]:
        return None
    if rank > 1 and arguments[0].dtype == "float64" and arguments[0].size > _MOST_SAMPLES:
        return None
    own = getattr(jnp if rank == 1 else jax.scipy.signal, case.op)
    return _awaited(jax.jit(partial(own, mode=mode)), arguments)


def _is_inexact(arguments: tuple[Any, ...]) -> bool:
    """Whether the operands are no integers, of which it would make floats."""
    return arguments[0].dtype.kind in "fc"


def _layer(case: Case, plan: Plan, arguments: tuple[Any, ...], *, last: bool) -> Call | None:
    if case.op != "conv" or not isinstance(case.options.get("padding", 0), int):
        return None
    spatial = len(plan.problem.axes)
    return _awaited(jax.jit(partial(_xla, spatial, dict(case.options), last=last)), arguments)


def _xla(
    spatial: int, options: Mapping[str, int], x: Any, w: Any, bias: Any = None, *, last: bool
) -> Any:
    """XLA's convolution of (n, c, *space) data; with channels last the turning is in its time."""
    letters, padding = _LETTERS[-spatial:], options.get("padding", 0)
    names = (f"NC{letters}", f"OI{letters}", f"NC{letters}")
    if last:
        names = (f"N{letters}C", f"{letters}IO", f"N{letters}C")
        x, w = jnp.moveaxis(x, 1, -1), w.transpose(*range(2, w.ndim), 1, 0)
    y = lax.conv_general_dilated(
        x,
        w,
        (options.get("stride", 1),) * spatial,
        [(padding, padding)] * spatial,
        rhs_dilation=(options.get("dilation", 1),) * spatial,
        dimension_numbers=names,
        feature_group_count=options.get("groups", 1),
        precision=lax.Precision.HIGHEST,
    )
    y = jnp.moveaxis(y, -1, 1) if last else y
    return y if bias is None else y + bias.reshape(-1, *(1,) * spatial)


def _awaited(own: Any, arguments: tuple[Any, ...]) -> Call:
    held = [jnp.asarray(argument) for argument in arguments]
    return lambda: own(*held).block_until_ready()


PEERS = (
    Peer("jax", _spell),
    Peer("jax.channels_last", _spell_last),
    Peer("jax.fft", _spell_fft),
)
