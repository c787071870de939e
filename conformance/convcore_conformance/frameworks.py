"""What the suite knows of single frameworks, as rows: flags of the process, and their own calls.

A row holds for a library whose arrays are of the framework's class, whatever backend serves them.
A framework is imported only where its arrays are there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from .libraries import Library

__all__ = ["FRAMEWORKS", "Context", "Framework", "framework"]

Context: TypeAlias = Callable[[Any], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Framework:
    """One framework.

    Parameters
    ----------
    module, array : str
        Where its class of arrays is.
    flags : mapping
        By name, from an array to a context in which float32 may be less, or autocast is on.
    read : callable
        Gives every flag of the process that bears on precision.
    writers : tuple of str
        What writes such a flag, by its full name.
    pull : callable, optional
        From ``(f, arrays)`` to the function from a result's gradient to the arrays' gradients.
    convolves : callable, optional
        Its own valid, batched convolution of one axis, from x and w.
    """

    module: str
    array: str
    flags: Mapping[str, Context]
    read: Callable[[], Any]
    writers: tuple[str, ...]
    pull: Callable[[Callable[..., Any], list[Any]], Callable[[Any], Any]] | None = None
    convolves: Callable[[Any, Any], Any] | None = None


def framework(library: Library) -> Framework | None:
    """Give the row of a library's arrays, if there is one."""
    array = library.asarray([0.0], "float32")
    for row in FRAMEWORKS:
        module = sys.modules.get(row.module)
        if module and isinstance(array, getattr(module, row.array)):
            return row
    return None


def _attribute(path: str, value: Any) -> Context:
    """Set an attribute of torch.backends, where this version has it."""

    @contextmanager
    def context(_array: Any) -> Iterator[None]:
        import torch

        owner: Any = torch.backends
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        before = getattr(owner, name)
        setattr(owner, name, value)
        try:
            yield
        finally:
            setattr(owner, name, before)

    return context


@contextmanager
def _medium(_array: Any) -> Iterator[None]:
    import torch

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _autocast(name: str) -> Context:
    def context(array: Any) -> AbstractContextManager[Any]:
        import torch

        made: AbstractContextManager[Any] = torch.autocast(
            array.device.type, dtype=getattr(torch, name)
        )
        return made

    return context


_TORCH_FLAGS = (
    "fp32_precision",
    "cuda.matmul.fp32_precision",
    "cudnn.fp32_precision",
    "cudnn.conv.fp32_precision",
    "mkldnn.fp32_precision",
    "mkldnn.conv.fp32_precision",
    "mkldnn.matmul.fp32_precision",
    "cuda.matmul.allow_fp16_reduced_precision_reduction",
    "cuda.matmul.allow_bf16_reduced_precision_reduction",
    "cudnn.benchmark",
    "cudnn.deterministic",
    "cudnn.enabled",
    "mkldnn.enabled",
)


def _torch_read() -> Any:
    import torch

    values = []
    for path in _TORCH_FLAGS:
        owner: Any = torch.backends
        for name in path.split("."):
            owner = getattr(owner, name, None)
        values.append((path, owner))
    return [*values, torch.get_default_dtype(), torch.get_num_threads()]


def _torch_pull(f: Callable[..., Any], arrays: list[Any]) -> Callable[[Any], Any]:
    import torch

    leaves = [a.detach().clone().requires_grad_() for a in arrays]
    y = f(*leaves)
    return lambda g: torch.autograd.grad(y, leaves, g)


def _torch_convolves(x: Any, w: Any) -> Any:
    import torch

    return torch.nn.functional.conv1d(x, w)


def _numpy_read() -> Any:
    import numpy as np

    return np.geterr(), np.getbufsize(), np.get_printoptions()


def _dask_read() -> Any:
    import dask

    return repr(dask.config.config)


def _jax_precision(name: str) -> Context:
    def context(_array: Any) -> AbstractContextManager[Any]:
        import jax

        made: AbstractContextManager[Any] = jax.default_matmul_precision(name)
        return made

    return context


def _jax_read() -> Any:
    import jax

    return dict(jax.config.values)


def _jax_pull(f: Callable[..., Any], arrays: list[Any]) -> Callable[[Any], Any]:
    import jax

    pull: Callable[[Any], Any] = jax.vjp(f, *arrays)[1]
    return pull


def _jax_convolves(x: Any, w: Any) -> Any:
    import jax

    return jax.lax.conv_general_dilated(x, w, (1,), "VALID", precision="highest")


FRAMEWORKS = (
    Framework(
        "torch",
        "Tensor",
        {
            "tf32": _attribute("fp32_precision", "tf32"),
            "bf16-products": _attribute("mkldnn.matmul.fp32_precision", "bf16"),
            "bf16-convolutions": _attribute("mkldnn.conv.fp32_precision", "bf16"),
            "tf32-convolutions": _attribute("cudnn.conv.fp32_precision", "tf32"),
            "reduced-sums": _attribute("cuda.matmul.allow_bf16_reduced_precision_reduction", True),
            "medium": _medium,
            "autocast-bfloat16": _autocast("bfloat16"),
            "autocast-float16": _autocast("float16"),
        },
        _torch_read,
        (
            "torch._C._set_fp32_precision_setter",
            "torch._C._set_float32_matmul_precision",
            "torch._C._set_cudnn_allow_tf32",
            "torch._C._set_cudnn_benchmark",
            "torch._C._set_cudnn_deterministic",
            "torch._C._set_cudnn_enabled",
            "torch._C._set_cublas_allow_tf32",
            "torch._C._set_mkldnn_enabled",
            "torch._C._set_onednn_allow_tf32",
            "torch._C._set_deterministic_algorithms",
            "torch._C._set_default_dtype",
            "torch.set_num_threads",
            "torch.set_flush_denormal",
        ),
        _torch_pull,
        _torch_convolves,
    ),
    Framework(
        "jax",
        "Array",
        {
            "bfloat16": _jax_precision("bfloat16"),
            "tensorfloat32": _jax_precision("tensorfloat32"),
        },
        _jax_read,
        ("jax.config.update",),
        _jax_pull,
        _jax_convolves,
    ),
    Framework("numpy", "ndarray", {}, _numpy_read, ("numpy.seterr", "numpy.setbufsize")),
    Framework("dask.array", "Array", {}, _dask_read, ("dask.config.set",)),
)
