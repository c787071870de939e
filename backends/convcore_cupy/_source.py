"""The source of the CUDA kernels: one text, kernels.cu, for every dtype, rank and size."""

from functools import cache
from importlib.resources import files

__all__ = ["KERNELS", "kernel_source"]

KERNELS = ("taps", "taps_by_four", "dots", "gemm", "products")

# Signed and unsigned integers are the same bits modulo 2^bits, and so is a sum of narrow ones.
_ELEMENTS = {
    "int8": ("INTEGER", "unsigned char", "unsigned int"),
    "int16": ("INTEGER", "unsigned short", "unsigned int"),
    "int32": ("INTEGER", "unsigned int", "unsigned int"),
    "int64": ("INTEGER", "unsigned long long", "unsigned long long"),
    "float32": ("REAL", "float"),
    "float64": ("REAL", "double"),
    "complex64": ("COMPLEX", "float"),
    "complex128": ("COMPLEX", "double"),
}
_NAMES = {"INTEGER": ("Element", "Sum"), "REAL": ("Element",), "COMPLEX": ("Part",)}


@cache
def kernel_source(dtype: str, rank: int, wide: bool) -> str:
    """The kernels for one accumulator.

    Parameters
    ----------
    dtype : str
        Of all three arrays.
    rank : int
        Number of convolved axes.
    wide : bool
        Whether offsets need 64 bits.
    """
    kind, *types = _ELEMENTS[dtype.removeprefix("u")]
    lines = [
        f"#define {kind}",
        f"#define RANK {rank}",
        f"typedef {'long long' if wide else 'int'} Index;",
        *(f"typedef {of} {name};" for name, of in zip(_NAMES[kind], types, strict=True)),
    ]
    return "\n".join([*lines, _body()])


@cache
def _body() -> str:
    return files(__package__).joinpath("kernels.cu").read_text(encoding="ascii")
