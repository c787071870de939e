"""The array libraries that the suite runs on, as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, cast

import ml_dtypes  # noqa: F401 - names bfloat16 for NumPy, so that a case can be written down
import numpy as np

import convcore
from convcore.plugins import Backend, clear_caches, registry

from .calls import Array, Call
from .dtypes import DTYPES

__all__ = ["LIBRARIES", "Library", "chosen"]

_ALL = frozenset(DTYPES)
_STANDARD = _ALL - {"float16", "bfloat16"}
_X32 = frozenset(name for name in _ALL if name.removeprefix("u") not in ("int64", "float64"))


@dataclass(frozen=True, eq=False)
class Library:
    """An array library, and how the suite runs it.

    Parameters
    ----------
    name : str
        The test id.
    module : str
        The module of its namespace; empty for a library that only its backend knows.
    backend : str
        The name of the backend that serves its arrays.
    dtypes : frozenset of str
        The dtypes its arrays hold.
    default_float : str
        The dtype of a float that says none.
    chunks : int
        The length of a lazy array's chunks along every axis; 0 where it has none.
    flags : callable
        From the namespace to the context to run in.
    device : str
        The device to run on, as the backend names it; empty for wherever arrays are made.
    is_standard : bool
        Whether the portable algorithms serve all its arrays where its backend is not there: not
        dtypes beyond the standard's, nor transforms along an axis in chunks.
    is_variant : bool
        Whether it is another setting of a library that has a row, for level full alone.
    """

    name: str
    module: str
    backend: str
    dtypes: frozenset[str]
    default_float: str = "float64"
    chunks: int = 0
    flags: Callable[[Any], AbstractContextManager[Any]] = lambda _xp: nullcontext()
    device: str = ""
    is_standard: bool = True
    is_variant: bool = False

    @property
    def xp(self) -> Any:
        """The namespace."""
        if self._lends:
            return self._backend.namespace(self._taken(np.empty(0, "float32")))
        return import_module(self.module)

    @property
    def _lends(self) -> bool:
        """Whether arrays are made and read by the backend's own lending."""
        return not self.module or bool(self.device)

    @property
    def _backend(self) -> Backend:
        return registry.get(self.backend)

    def dtype(self, name: str) -> Any:
        """Give the library's own dtype object."""
        if self._lends:
            return self.asarray(np.empty(0, "float32"), name).dtype
        own = getattr(self.xp, name, name)  # a namespace without a name of its own takes NumPy's
        return np.dtype(own) if isinstance(own, type | str) else own

    def asarray(self, values: Any, dtype: str) -> Any:
        """Give an array of the library that shares nothing with ``values``."""
        plain = np.array(values, dtype=dtype)
        if dtype == "bfloat16":  # which no library reads from NumPy, but float32 holds
            xp = self.xp
            return xp.astype(self._taken(plain.astype("float32")), xp.bfloat16)
        return self._taken(plain)

    def _taken(self, plain: Array) -> Any:
        if self.chunks:
            return self.xp.from_array(plain, chunks=self.chunks)
        if self._lends:
            return self._backend.lend(plain, self.device or None)
        return self.xp.asarray(plain, copy=True)

    def held(self, array: Array) -> Array:
        """Give a NumPy array in its own dtype, or in the widest of its kind that there is here."""
        if array.dtype.name in self.dtypes:
            return array
        own = DTYPES[array.dtype.name]
        held = [DTYPES[name] for name in self.dtypes]
        alike = [d for d in held if (d.kind, d.signed) == (own.kind, own.signed)]
        return array.astype(max(alike, key=lambda dtype: dtype.bits).name)

    def numpy(self, array: Any) -> Array:
        """Hold an array of the library as a NumPy array, to read its elements."""
        if "bfloat16" in str(array.dtype):
            return self.numpy(self.xp.astype(array, self.xp.float32)).astype("bfloat16")
        if self._lends:
            return np.asarray(self._backend.give_back(array, np.empty(0, "float32")))
        return np.asarray(array)

    def arguments(self, call: Call) -> tuple[list[Any], dict[str, Any]]:
        """Give a call's arguments as this library's arrays and dtypes."""
        arrays = call.each(lambda operand: self.asarray(operand, operand.dtype.name))
        options = dict(call.kwargs)
        if options.get("dtype") is not None:
            options["dtype"] = self.dtype(options["dtype"])
        return arrays, options

    def held_call(self, call: Call) -> Call | None:
        """Give a call in dtypes that the library has; None where its numbers would not survive."""
        held = call.on(self.held)
        for own, kept in zip(call.operands, held.operands, strict=True):
            if not np.array_equal(own, kept, equal_nan=True):
                return None
        dtype = call.kwargs.get("dtype")
        options = {} if dtype is None else {"dtype": self.held(np.empty(0, dtype)).dtype.name}
        return held.but(**options)

    def gap(self, *names: str) -> str | None:
        """Give the reason for which a case, or a clause of it, is a declared gap of the backend."""
        known = convcore.backends().get(self.backend)
        gaps = known.capabilities.gaps if known and known.capabilities else ()
        return next((gap.reason for gap in gaps if gap.what in names), None)

    @contextmanager
    def settings(self) -> Iterator[None]:
        """Run under the library's flags.

        Floating-point warnings are the library's own, on the caller's terms, and not judged here.
        """
        with np.errstate(all="ignore"), self.flags(self.xp):
            yield


def _strict(name: str, extensions: tuple[str, ...]) -> Library:
    @contextmanager
    def flags(xp: Any) -> Iterator[None]:
        # They take something away behind convcore's back, so its caches start and end empty.
        clear_caches()
        with xp.ArrayAPIStrictFlags(
            boolean_indexing=False, data_dependent_shapes=False, enabled_extensions=extensions
        ):
            yield
        clear_caches()

    return Library(
        name, "array_api_strict", "array_api_strict", _STANDARD, flags=flags, is_variant=True
    )


def _wide(_xp: Any) -> AbstractContextManager[Any]:
    """Let JAX hold 64-bit numbers."""
    import jax

    return cast(AbstractContextManager[Any], jax.enable_x64(True))


def _here(_xp: Any) -> AbstractContextManager[Any]:
    """Let Dask compute in this thread, which costs least for small graphs."""
    import dask

    return cast(AbstractContextManager[Any], dask.config.set(scheduler="synchronous"))


def _in_parts(_xp: Any) -> AbstractContextManager[Any]:
    """Let Dask also cut small kernels and few channels, as it does large ones."""
    import dask

    small = {"scheduler": "synchronous", "array.chunk-size": "1 B"}
    return cast(AbstractContextManager[Any], dask.config.set(small))


LIBRARIES = (
    Library("numpy", "numpy", "numpy", _STANDARD | {"float16"}),
    Library("strict", "array_api_strict", "array_api_strict", _STANDARD),
    _strict("strict_fft_only", ("fft",)),
    _strict("strict_bare", ()),
    # PyTorch has no arithmetic of its own for most unsigned integers.
    Library(
        "torch", "array_api_compat.torch", "torch", _ALL, default_float="float32", is_standard=False
    ),
    # Without 64 bits JAX takes float64 for float32, which the standard does not know.
    Library(
        "jax",
        "jax.numpy",
        "jax",
        _X32 - {"complex128"},
        default_float="float32",
        is_standard=False,
    ),
    Library("jax_x64", "jax.numpy", "jax", _ALL, flags=_wide),
    Library(
        "dask",
        "dask.array",
        "dask",
        _STANDARD | {"float16"},
        chunks=4,
        flags=_in_parts,
        is_standard=False,
    ),
    Library(
        "dask_small_chunks",
        "dask.array",
        "dask",
        _STANDARD | {"float16"},
        chunks=1,
        flags=_here,
        is_standard=False,
        is_variant=True,
    ),
)


def chosen(backend: str, device: str, level: str) -> tuple[Library, ...]:
    """Give the rows of one backend, on one of its devices; all rows where none is named.

    Parameters
    ----------
    backend : str
        A registered backend; one without a row here is run on the arrays it lends.
    device : str
        As the backend names it; empty for wherever arrays are made.
    level : {"quick", "full"}
        At "quick" a library has one row of its settings.

    Returns
    -------
    tuple of Library
        At least one.

    Raises
    ------
    ValueError
        For a backend that is not there, which names those that are.
    """
    every = [row for row in LIBRARIES if level == "full" or not row.is_variant]
    if not backend:
        return tuple(map(_served, every))
    known = convcore.backends()
    if backend not in known or not known[backend].available:
        why = f"unavailable: {known[backend].reason}" if backend in known else "not registered"
        able = ", ".join(name for name, info in known.items() if info.available)
        raise ValueError(f"backend {backend!r} is {why}; there are {able}")
    rows = [row for row in every if row.backend == backend] or [_stranger(backend)]
    return tuple(_on(row, device) for row in rows)


def _served(row: Library) -> Library:
    """Give a row with the name of what serves its arrays: the standard, if no backend does."""
    info = convcore.backends().get(row.backend)
    if info is not None and info.available:
        return row
    standard = "array_api_compat.numpy" if row.module == "numpy" else row.module
    return replace(row, backend=standard)


def _stranger(backend: str) -> Library:
    """Give a library that is known by its backend alone."""
    capabilities = convcore.backends()[backend].capabilities
    assert capabilities is not None
    row = Library(backend, "", backend, frozenset(capabilities.dtypes) & _ALL)
    try:
        default = str(row.xp.asarray(1.0).dtype)
    # A stranger's code may raise anything, and is to be told where.
    except Exception as error:
        raise ValueError(
            f"backend {backend!r} makes no arrays: lend(x, None) and namespace(x) gave "
            f"{type(error).__name__}: {error}"
        ) from error
    return replace(row, default_float="float32" if "float32" in default else "float64")


def _on(row: Library, device: str) -> Library:
    return replace(row, name=f"{row.name}-{device}", device=device) if device else row
