"""What PyTorch's operations cost on CPUs: fits to some 800 problems each, on two cores."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from convcore.algorithms import Rates

__all__ = ["CPU", "PORTABLE", "Prices", "is_slow_mkl"]

_CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds of PyTorch's own calls.

    Attributes
    ----------
    call, transposed, pointwise, gradient : float
        One convolution, a transposed one, one product of matrices, and one gradient of a kernel,
        from Python.
    apart : float
        What taking complex numbers apart and together adds to a call.
    flipped : float
        One sample of a kernel turned round.
    blocked : float
        What a call costs more that oneDNN serves, in a layout of its own.
    turned : float
        One byte brought into that layout or back.
    product, lone : float
        One product of oneDNN's, of several channels and of a single one.
    column, scattered : float
        One byte unfolded into columns, and one added from columns to a result.
    volume : float
        Factor on the columns of a volume.
    fresh : float
        One byte of memory that the allocator does not keep.
    mixed, integer : float
        One product of matrices, of floats of four bytes and of integers.
    scaled, stepped : float
        Four bytes multiplied by a number, and read with a stride.
    """

    call: float
    transposed: float
    pointwise: float
    gradient: float
    apart: float
    flipped: float
    blocked: float
    turned: float
    product: float
    lone: float
    column: float
    scattered: float
    volume: float
    fresh: float
    mixed: float
    integer: float
    scaled: float
    stepped: float


def is_slow_mkl() -> bool:
    """Whether this is another maker's processor whose AVX-512 MKL leaves alone.

    Its products of matrices take twice as long there as what oneDNN, which uses it, needs.
    """
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and "AuthenticAMD" in _maker()


def _maker() -> str:
    """A text that has the processor's vendor in it."""
    if not _CPUINFO.exists():
        return platform.processor()
    with _CPUINFO.open(encoding="ascii", errors="replace") as cpuinfo:
        return cpuinfo.read(4096)  # the first of perhaps hundreds of processors


_INTEL = Prices(
    call=8e-6,
    transposed=8e-6,
    pointwise=1.2e-5,
    gradient=6e-5,
    apart=8e-5,
    flipped=9e-10,
    blocked=6.3e-5,
    turned=1e-10,
    product=4.4e-12,
    lone=1.1e-11,
    column=6.4e-11,
    scattered=2.6e-10,
    volume=2.0,
    fresh=2.5e-10,
    mixed=5.7e-12,
    integer=2.3e-10,
    scaled=1.2e-10,
    stepped=7e-10,
)
_PORTABLE_INTEL = Rates(
    call=7.5e-6,
    tap=2e-10,
    product=5.6e-12,
    integer_product=2.5e-10,
    column=6.3e-10,
    point=5.2e-10,
    rows=0.42,
    matrix=6.6e-8,
)
# Fitted to 900 problems of up to 2e8 products on two cores of a Zen 5 machine; then banded products
# were priced for many signals at once, too.
_AMD = Prices(
    call=3e-5,
    transposed=8e-6,
    pointwise=4.1e-5,
    gradient=6e-5,
    apart=1.2e-4,
    flipped=1.2e-9,
    blocked=6.4e-5,
    turned=9.4e-11,
    product=6.3e-12,
    lone=2.2e-11,
    column=9e-11,
    scattered=2.5e-10,
    volume=1.35,
    fresh=3.9e-10,
    mixed=1.5e-11,
    integer=3.8e-11,
    scaled=6.8e-11,
    stepped=4.9e-10,
)
_INTEGER = 7.9e-11
_PORTABLE_AMD = {
    "taps": Rates(call=1.1e-5, tap=1.1e-10, product=2e-11, integer_product=_INTEGER, column=3e-10),
    "matmul": Rates(call=1.4e-5, product=1.6e-11, integer_product=_INTEGER, column=3.3e-10),
    "toeplitz": Rates(call=1.7e-5, product=1.4e-11, integer_product=_INTEGER, column=5.4e-10),
    "fft": Rates(
        call=9.6e-6,
        tap=1e-9,
        product=3.8e-10,
        column=8.5e-10,
        point=5.7e-10,
        rows=0.44,
        complexes=0.47,
        matrix=1.1e-8,
    ),
    "overlap_add": Rates(
        call=1.1e-5,
        tap=2.1e-9,
        product=9e-10,
        column=7.9e-10,
        point=7.2e-10,
        rows=0.25,
        complexes=0.47,
        matrix=3.3e-8,
    ),
}
CPU: Prices
PORTABLE: Rates | Mapping[str, Rates]
CPU, PORTABLE = (_AMD, _PORTABLE_AMD) if is_slow_mkl() else (_INTEL, _PORTABLE_INTEL)
"""Of this machine."""
