"""How the libraries transform functions of their arrays, as rows.

A row belongs to the module of an array's class, so a backend of one's own for a known library's
arrays has one too. Each way takes a function of arrays; a library is imported when it is used.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest

__all__ = ["TRANSFORMS", "Computed", "Function", "Transforms"]


Function: TypeAlias = Callable[..., Any]
Arrays: TypeAlias = Sequence[Any]


class Computed(Exception):  # noqa: N818 - what was not to happen, not an error of the library
    """A lazy array was computed."""


@dataclass(frozen=True)
class Transforms:
    """What a library can do to a function.

    Parameters
    ----------
    ways : mapping
        By the name that capabilities use. ``grad(f, arrays, g)`` pulls g back to each array;
        ``jvp(f, arrays, tangents)`` pushes tangents forward; ``vmap(f, axes)``, ``jit(f)`` and
        ``compile(f)`` give functions; ``export(f, arrays, symbolic)`` gives one too, in which the
        first axis of the first array has any size if symbolic. ``sharding(f, arrays)`` spreads
        the first axis of the first array over all devices, and gives the result and whether it
        was gathered on the way; ``lazy(shape, dtype)`` gives an array that raises `Computed`.
    adjoint : bool
        Whether the gradient of complex numbers is the adjoint; else it is the transpose.
    guards : bool
        Whether a compiled function is traced again where an option that it read has changed.
    plain : callable
        Gives an array that can be read from one that a transform has made.
    requires : callable or None
        Marks an array as one that a gradient is wanted of, where the library marks arrays.
    abstract : callable or None
        ``abstract(f, arrays)`` runs f on arrays that have a shape and a dtype, but no values.
    sparse : callable or None
        Gives an array of two axes as a sparse one of the same library.
    """

    ways: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    adjoint: bool = True
    guards: bool = False
    plain: Callable[[Any], Any] = lambda array: array
    requires: Callable[[Any], Any] | None = None
    abstract: Callable[[Function, Arrays], Any] | None = None
    sparse: Callable[[Any], Any] | None = None


def _torch_grad(f: Function, arrays: Arrays, g: Any) -> tuple[Any, ...]:
    import torch

    leaves = [a if a.requires_grad else a.detach().clone().requires_grad_() for a in arrays]
    return tuple(torch.autograd.grad(f(*leaves), leaves, g, create_graph=True))


def _torch_jvp(f: Function, arrays: Arrays, tangents: Arrays) -> Any:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what PyTorch itself calls
        return torch.func.jvp(f, tuple(arrays), tuple(tangents))[1]


def _torch_vmap(f: Function, axes: Sequence[int | None]) -> Function:
    import torch

    mapped: Function = torch.func.vmap(f, in_dims=tuple(axes))
    return mapped


def _torch_compile(f: Function) -> Function:
    """Compile for correctness alone: generating code for each call would take minutes."""
    import torch

    torch._dynamo.reset()
    compiled: Function = torch.compile(f, fullgraph=True, backend="aot_eager")
    return compiled


def _torch_export(f: Function, arrays: Arrays, *, symbolic: bool) -> Function:
    import torch

    class Module(torch.nn.Module):  # type: ignore[misc]
        def forward(self, *operands: Any) -> Any:
            return f(*operands)

    sizes = ({0: torch.export.Dim("batch", min=2)}, *[None] * (len(arrays) - 1))
    shapes = {"dynamic_shapes": (sizes,)} if symbolic else {}
    exported: Function = torch.export.export(Module(), tuple(arrays), **shapes).module()
    return exported


def _jax_grad(f: Function, arrays: Arrays, g: Any) -> tuple[Any, ...]:
    import jax

    return tuple(jax.vjp(f, *arrays)[1](g))


def _jax_jvp(f: Function, arrays: Arrays, tangents: Arrays) -> Any:
    import jax

    return jax.jvp(f, tuple(arrays), tuple(tangents))[1]


def _jax_vmap(f: Function, axes: Sequence[int | None]) -> Function:
    import jax

    mapped: Function = jax.vmap(f, in_axes=tuple(axes))
    return mapped


def _jax_jit(f: Function) -> Function:
    import jax

    compiled: Function = jax.jit(f)
    return compiled


def _jax_export(f: Function, arrays: Arrays, *, symbolic: bool) -> Function:
    import jax
    from jax import export

    batch = export.symbolic_shape("batch") if symbolic else arrays[0].shape[:1]
    shapes = [batch + tuple(arrays[0].shape[1:]), *(a.shape for a in arrays[1:])]
    described = [jax.ShapeDtypeStruct(s, a.dtype) for s, a in zip(shapes, arrays, strict=True)]
    exported: Function = export.export(jax.jit(f))(*described).call
    return exported


def _jax_sharding(f: Function, arrays: Arrays) -> tuple[Any, bool]:
    import jax
    from jax.sharding import NamedSharding, PartitionSpec

    mesh = jax.make_mesh((len(jax.devices()),), ("batch",))
    parts = [PartitionSpec("batch"), *[PartitionSpec()] * (len(arrays) - 1)]
    spread = [jax.device_put(a, NamedSharding(mesh, p)) for a, p in zip(arrays, parts, strict=True)]
    compiled = jax.jit(f).lower(*spread).compile()
    got = f(*spread)
    whole = "all-gather" in compiled.as_text() or len(got.sharding.device_set) < mesh.size
    return got, whole


def _jax_abstract(f: Function, arrays: Arrays) -> Any:
    import jax

    return jax.eval_shape(f, *arrays)


def _jax_sparse(array: Any) -> Any:
    import jax.numpy as jnp
    from jax.experimental.sparse import BCOO

    return BCOO((jnp.ones(1), jnp.zeros((1, array.ndim), int)), shape=array.shape)


def _numpy_sparse(array: Any) -> Any:
    return pytest.importorskip("scipy.sparse").csr_array(array)


def _dask_lazy(shape: tuple[int, ...], dtype: Any) -> Any:
    import dask.array as da
    import numpy as np

    def fail(_block: Any) -> Any:
        raise Computed

    blocks = da.zeros(shape, chunks=2, dtype=dtype)
    return blocks.map_blocks(fail, meta=np.empty((0,) * len(shape), dtype))


_TORCH = Transforms(
    {
        "grad": _torch_grad,
        "jvp": _torch_jvp,
        "vmap": _torch_vmap,
        "compile": _torch_compile,
        "export": _torch_export,
    },
    adjoint=True,
    guards=True,
    plain=lambda tensor: tensor.detach().resolve_conj(),
    requires=lambda tensor: tensor.clone().requires_grad_(),
    abstract=lambda f, tensors: f(*[tensor.to("meta") for tensor in tensors]),
    sparse=lambda tensor: tensor.to_sparse(),
)
_JAX = Transforms(
    {
        "grad": _jax_grad,
        "jvp": _jax_jvp,
        "vmap": _jax_vmap,
        "jit": _jax_jit,
        "export": _jax_export,
        "sharding": _jax_sharding,
    },
    adjoint=False,
    guards=False,
    abstract=_jax_abstract,
    sparse=_jax_sparse,
)
_DASK = Transforms({"lazy": _dask_lazy})
_NUMPY = Transforms(sparse=_numpy_sparse)

TRANSFORMS: Mapping[str, Transforms] = {
    "dask": _DASK,
    "jax": _JAX,
    "jaxlib": _JAX,
    "numpy": _NUMPY,
    "torch": _TORCH,
}
"""By the first word of an array class's module; a library without a row has none that we know."""
