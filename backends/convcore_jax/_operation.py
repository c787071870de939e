"""Linear problems as an operation of JAX: differentiated, batched and lowered by their own laws.

A tangent of a convolution is a convolution, and so is a cotangent (`ConvProblem.transpose` and
`weight_grad`), and so is a batch of them. So every derivative is planned as any other problem is:
its engine is chosen when XLA's platform is known, and need not be the one of the original.
"""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental.custom_partitioning import custom_partitioning
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jax.sharding import NamedSharding, PartitionSpec

from convcore.plugins import Accuracy, ConvProblem
from convcore_jax._problems import batched, plain, positions

__all__ = ["Choice", "convolution"]

_FAMILIES = {"cpu": "cpu", "cuda": "gpu", "rocm": "gpu", "tpu": "tpu"}


class Choice(NamedTuple):
    """What is to run a linear problem, as far as it is decided.

    Attributes
    ----------
    engine : str or None
        The engine, if it is chosen,
    platform : str or None
        for this platform; on another one it is chosen anew,
    method : str
        among those that serve this method,
    accuracy : Accuracy
        or, for "auto", among all that keep this class.
    """

    engine: str | None
    platform: str | None
    method: str
    accuracy: Accuracy

    def open(self) -> "Choice":
        """The choice for a problem that derives from this one: any engine of its class."""
        return self._replace(engine=None, platform=None, method="auto")


def convolution(x: Any, w: Any, problem: ConvProblem, choice: Choice) -> Any:
    """Convolve by a linear problem; y is of the accumulator's dtype."""
    if jax.sharding.get_abstract_mesh().manual_axes:
        # Inside a shard_map only JAX's own operations know what varies.
        return _written_out(x, w, problem, choice)
    return _convolution_p.bind(x, w, problem=problem, choice=choice, hint=_asking())


def _written_out(x: Any, w: Any, problem: ConvProblem, choice: Choice) -> Any:
    """The lowering itself, for the platform that JAX prefers."""
    from convcore_jax._engines import lower_linear
    from convcore_jax._places import default_platform

    return lower_linear(problem, choice, choice.platform or default_platform(), several=False)(x, w)


@lru_cache(maxsize=1)
def _asking() -> Any:
    """A program with a partitioned function in it.

    As a parameter it lets JAX see that lowering needs to know the devices, as it would if such a
    function were called already, and not only once the platform is known.
    """
    asking = custom_partitioning(lambda x: x)
    asking.def_partition(partition=None, sharding_rule="i -> i")
    return jax.make_jaxpr(asking)(jax.ShapeDtypeStruct((1,), jnp.float32))


_convolution_p = Primitive("convcore_convolution")


@_convolution_p.def_impl
def _run(x: Any, w: Any, *, problem: ConvProblem, choice: Choice, **_: Any) -> Any:
    with jax.disable_jit(False):
        return _compiled(problem, choice)(x, w)


@lru_cache(maxsize=1024)
def _compiled(problem: ConvProblem, choice: Choice) -> Any:
    return jax.jit(partial(convolution, problem=problem, choice=choice))


@_convolution_p.def_abstract_eval
def _abstract(x: Any, _w: Any, *, problem: ConvProblem, choice: Choice, **_: Any) -> Any:  # noqa: ARG001
    left_to_xla = NamedSharding(x.sharding.mesh, PartitionSpec(*(None for _ in problem.y)))
    sums = jnp.dtype(problem.accumulator)
    return jax.core.ShapedArray(problem.y_shape, sums, sharding=left_to_xla)


def _input_cotangent(
    y: Any, x: Any, w: Any, *, problem: ConvProblem, choice: Choice, **_: Any
) -> Any:
    turned = problem.transpose()  # which runs the kernel backwards
    flipped = jnp.flip(w, axis=positions(turned, turned.w))
    dx = convolution(y, flipped, plain(turned), choice.open())
    return dx.astype(x.aval.dtype)


def _kernel_cotangent(
    y: Any, x: Any, w: Any, *, problem: ConvProblem, choice: Choice, **_: Any
) -> Any:
    dw = convolution(x, y, plain(problem.weight_grad()), choice.open())
    return dw.astype(w.aval.dtype)


ad.defbilinear(_convolution_p, _input_cotangent, _kernel_cotangent)


def _batch(
    arrays: Any, dims: Any, *, problem: ConvProblem, choice: Choice, **_: Any
) -> tuple[Any, int]:
    (x, w), (x_at, w_at) = arrays, dims
    size = x.shape[x_at] if x_at is not None else w.shape[w_at]
    x = x if x_at is None else jnp.moveaxis(x, x_at, 0)
    w = w if w_at is None else jnp.moveaxis(w, w_at, 0)
    grown = batched(problem, size, x=x_at is not None, w=w_at is not None)
    return convolution(x, w, grown, choice.open()), 0


batching.primitive_batchers[_convolution_p] = _batch


def _lower(
    ctx: Any, x: Any, w: Any, *, problem: ConvProblem, choice: Choice, platform: str, **_: Any
) -> Any:
    """Lower for a platform, when XLA's module says for how many devices."""
    from convcore_jax._engines import lower_linear

    where = ctx.module_context.axis_context
    several = isinstance(where, mlir.ShardingContext) and where.num_devices > 1

    def run(x: Any, w: Any) -> Any:
        return lower_linear(problem, choice, platform, several=several)(x, w)

    return mlir.lower_fun(run, multiple_results=False)(ctx, x, w)


for _name, _family in _FAMILIES.items():
    mlir.register_lowering(_convolution_p, partial(_lower, platform=_family), platform=_name)
mlir.register_lowering(_convolution_p, partial(_lower, platform="other"))
