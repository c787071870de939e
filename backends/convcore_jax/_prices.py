"""What XLA's engines take on each platform: lines of prices, each of a count of `counts`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from convcore.algorithms import Rates

__all__ = ["PRICES", "Line", "Prices", "priced"]

Line: TypeAlias = Mapping[str, float]
"""Seconds for one of each that a problem has."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What the engines of a platform take.

    Attributes
    ----------
    taps, dots, columns, toeplitz : mapping
        What convcore adds up itself.
    native, volume, grouped : mapping
        XLA's own convolution, and where it is a plain loop: in three dimensions and in groups.
    fft, blocks : Rates
        Transforms of the whole and of blocks.
    program : float
        A program of transforms.
    """

    taps: Line
    dots: Line
    columns: Line
    toeplitz: Line
    native: Line
    volume: Line
    grouped: Line
    fft: Rates
    blocks: Rates
    program: float


def priced(line: Line, counts: Mapping[str, float]) -> float:
    """Seconds of all that a line has a price for."""
    return sum(price * counts[name] for name, price in line.items())


# Fitted to 890 problems of up to 2e8 products on two cores of an x86 machine. Then `thin` counted
# up to 16 outputs instead of 8, as layers of more products showed.
_CPU = Prices(
    taps={
        "program": 1.2e-5,
        "handed": 1.8e-5,
        "shared": 2.6e-5,
        "padded": 2.3e-10,
        "outputs": 1e-10,
        "joined": 1.8e-9,
        "rows": 1.5e-10,
        "products": 2.1e-11,
        "apart_products": 6.4e-11,
        "steps": 5.6e-6,
        "passes": 2.4e-10,
    },
    dots={
        "program": 5.2e-5,
        "shared": 4.3e-6,
        "taps": 3.3e-6,
        "windows": 9e-10,
        "apart": 4.5e-10,
        "fresh_windows": 9.1e-10,
        "tap_passes": 3.6e-10,
        "joined": 1.4e-10,
        "fresh": 1.1e-9,
        "thin": 1.6e-10,
        "short": 8.3e-11,
        "integers": 7.8e-11,
    },
    columns={
        "program": 1.2e-5,
        "handed": 3.1e-5,
        "taps": 5.4e-7,
        "windows": 6.5e-10,
        "apart": 3.2e-10,
        "moved": 5.5e-10,
        "outputs": 3.8e-10,
        "fresh": 1.1e-9,
        "mixed": 2.5e-12,
        "thin": 6.1e-11,
        "integers": 8e-11,
    },
    toeplitz={"program": 5.8e-5, "banded": 8.2e-10, "mixed": 1.1e-11, "integers": 4.7e-11},
    native={
        "program": 1.7e-5,
        "handed": 3.4e-5,
        "shared": 1.2e-5,
        "data": 6.1e-10,
        "padded": 6.9e-10,
        "kernel": 6.2e-10,
        "outputs": 9.3e-10,
        "fresh": 3.1e-9,
        "met_places": 1.7e-9,
        "thin": 9.6e-11,
    },
    volume={
        "handed": 4.7e-5,
        "data": 1.3e-9,
        "outputs": 1.8e-9,
        "met": 1.3e-9,
        "met_places": 1.1e-8,
        "mixed": 3.3e-12,
    },
    grouped={"handed": 1e-4, "data": 1.9e-10, "outputs": 2.2e-8, "windows": 5.8e-10},
    fft=Rates(
        call=0,
        tap=3.5e-10,
        product=6.2e-11,
        column=9.4e-10,
        matrix=3.9e-8,
        point=3.1e-10,
        rows=0.87,
    ),
    blocks=Rates(
        call=0, tap=2.6e-11, product=6.8e-11, column=1.2e-9, matrix=4.7e-8, point=1.6e-10, rows=1.7
    ),
    program=5.5e-5,
)
# Not measured: launches of some microseconds, memory of about 1 TB/s, 20 Tflop/s.
_MIXED = {"mixed": 1e-13, "integers": 1e-12}
_JOINED = {"phases": 4e-6, "joined": 8e-12}
_OWN = {"program": 2e-5, "data": 8e-12, "kernel": 1.6e-11, "met_places": 2e-12, "mixed": 1e-13}
_RATES = Rates(call=4e-6, tap=8e-12, point=5e-13, matrix=1e-11)
_GPU = Prices(
    taps={"program": 4e-6, "products": 1e-12, "steps": 8e-6, "passes": 8e-12, **_JOINED},
    dots={
        "program": 4e-6,
        "taps": 4e-6,
        "windows": 8e-12,
        "tap_passes": 8e-12,
        **_MIXED,
        **_JOINED,
    },
    columns={"program": 8e-6, "windows": 8e-12, "outputs": 8e-12, **_MIXED, **_JOINED},
    toeplitz={"program": 8e-6, "banded": 8e-12, **_MIXED},
    native=_OWN,
    volume=_OWN,
    grouped={"program": 2e-5, "data": 8e-12, "kernel": 1.6e-11, "mixed": 1e-12},
    fft=_RATES,
    blocks=_RATES,
    program=4e-6,
)
_TPU_RATES = replace(_RATES, point=1e-9)
_TPU = replace(_GPU, fft=_TPU_RATES, blocks=_TPU_RATES)
PRICES = {"cpu": _CPU, "gpu": _GPU, "tpu": _TPU}
