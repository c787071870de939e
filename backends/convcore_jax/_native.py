"""XLA's own convolution, in the caller's own layout wherever its dimension numbers can name it."""

from typing import Any

import jax.numpy as jnp
from jax import lax

from convcore import algorithms
from convcore.algorithms import Arrangement
from convcore.plugins import DTYPES, ConvProblem
from convcore_jax._namespace import JAXNamespace, precision, summed_in
from convcore_jax._problems import Linear, of_parts, real_part

__all__ = ["NARROW", "lower_native", "takes_native"]

NARROW = {"float32": ("float16", "bfloat16"), "int32": ("int8",)}
"""What accelerators multiply as it is, exactly, for sums of a dtype."""


def takes_native(problem: ConvProblem, platform: str) -> bool:
    """Whether XLA convolves a problem on a platform, rightly and without ending the process.

    On CPUs only Eigen's convolutions are right: the loops for all other types read beyond the
    data where there is padding, whole pages of it, and gradients have padding. On GPUs there are
    none of integers, and on TPUs none of 64 bits.
    """
    if len(problem.axes) not in (1, 2, 3):
        return False
    if problem.is_exact:
        return platform == "tpu" and DTYPES[problem.accumulator].bits <= 32
    return platform != "cpu" or real_part(problem) == "float32"


def lower_native(problem: ConvProblem, platform: str, xp: JAXNamespace) -> Linear:
    """Lower a linear problem to one convolution of XLA.

    XLA's own complex convolution is three real ones, whose sums cancel; this one has the real and
    imaginary parts as channels.
    """
    if not problem.is_complex:
        return _real(problem, platform, xp)
    real = _real(of_parts(problem), platform, xp)

    def run(x: Any, w: Any) -> Any:
        a, b = jnp.real(w), jnp.imag(w)
        kernel = jnp.stack([jnp.stack([a, -b]), jnp.stack([b, a])])
        y = real(jnp.stack([jnp.real(x), jnp.imag(x)]), kernel)
        return lax.complex(y[0], y[1])

    return run


def _real(problem: ConvProblem, platform: str, xp: JAXNamespace) -> Linear:
    dtype = jnp.dtype(problem.accumulator)
    sums = summed_in(dtype)
    narrow = NARROW.get(sums.name, ()) if platform != "cpu" else ()
    to_x = algorithms.to_roles(problem, "x", ("n", "gc"))
    to_w = algorithms.to_roles(problem, "w", ("go", "c"))
    to_y = algorithms.from_roles(problem, ("n", "go"))
    rank = 2 + len(problem.axes)
    (x_spec, to_x), (w_spec, to_w) = _named(to_x, rank), _named(to_w, rank)
    y_spec = tuple(range(rank))
    if to_y.split is None and to_y.order is not None:
        y_spec = tuple(map(to_y.order.index, range(rank)))
        to_y = to_y._replace(order=None)

    def run(x: Any, w: Any) -> Any:
        as_is = x.dtype == w.dtype and x.dtype.name in narrow
        x, w = (x, w) if as_is else (x.astype(sums), w.astype(sums))
        y = lax.conv_general_dilated(
            to_x(x, xp),
            to_w(w, xp),
            window_strides=[a.stride for a in problem.axes],
            padding=[(a.lo, a.hi) for a in problem.axes],
            lhs_dilation=[a.expansion for a in problem.axes],
            rhs_dilation=[a.dilation for a in problem.axes],
            dimension_numbers=lax.ConvDimensionNumbers(x_spec, w_spec, y_spec),
            feature_group_count=problem.size("g"),
            precision=precision(problem.precision),
            preferred_element_type=sums,
        )
        return to_y(y, xp).astype(dtype)

    return run


def _named(way: Arrangement, rank: int) -> tuple[tuple[int, ...], Arrangement]:
    """Where batch, channels and space are, and what is left to do to have them there."""
    if way.merged is not None or way.order is None:
        return tuple(range(rank)), way
    return way.order, way._replace(order=None)
