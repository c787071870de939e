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


# Fitted to 900 random problems of up to 2e8 products and to 264 layers of up to 1e9, on two cores
# of an AMD EPYC (Zen 5), by the choices that they make as well as by the times.
_CPU = Prices(
    taps={
        "program": 3.1e-05,
        "handed": 2.2e-05,
        "shared": 2.9e-05,
        "padded": 1.1e-10,
        "outputs": 7.8e-10,
        "joined": 9.5e-11,
        "rows": 5.1e-10,
        "products": 1.1e-11,
        "alone": 1.8e-11,
        "apart_products": 5.6e-11,
        "steps": 3.5e-07,
        "passes": 3.3e-11,
        "fresh": 3.8e-10,
        "cut": 1.6e-10,
        "fresh_cut": 2.7e-09,
        "far_passes": 1.3e-10,
    },
    dots={
        "program": 0.0001,
        "taps": 2.5e-06,
        "windows": 8.2e-10,
        "apart": 1.8e-10,
        "fresh_windows": 4.3e-10,
        "tap_passes": 4.9e-10,
        "joined": 1.7e-10,
        "thin": 1.4e-10,
        "short": 2e-10,
        "integers": 9.1e-11,
        "kernel": 6.1e-10,
    },
    columns={
        "program": 9.9e-06,
        "handed": 5.6e-05,
        "taps": 2.3e-06,
        "windows": 6.7e-10,
        "apart": 1.2e-11,
        "moved": 2.7e-11,
        "outputs": 4.6e-10,
        "fresh": 6.1e-10,
        "mixed": 1e-11,
        "thin": 2.6e-11,
        "integers": 5.9e-11,
        "padded": 4.7e-11,
        "kernel": 1.8e-10,
    },
    toeplitz={
        "program": 3.8e-05,
        "banded": 6.8e-10,
        "mixed": 1.6e-11,
        "integers": 2.3e-10,
    },
    native={
        "program": 5.6e-05,
        "handed": 5e-05,
        "data": 6.2e-10,
        "padded": 1.7e-09,
        "kernel": 1.1e-09,
        "outputs": 2.3e-09,
        "fresh": 3e-09,
        "met_places": 1.9e-09,
        "thin": 1.5e-10,
    },
    volume={
        "handed": 0.0001,
        "data": 1.5e-09,
        "outputs": 3.2e-09,
        "met": 2.3e-09,
        "met_places": 9.5e-09,
        "mixed": 1.4e-11,
    },
    grouped={
        "handed": 0.00014,
        "data": 2.2e-10,
        "outputs": 2.9e-08,
        "windows": 8.2e-10,
    },
    fft=Rates(
        call=0,
        tap=3.6e-09,
        product=1.9e-11,
        column=2.8e-09,
        matrix=2.5e-08,
        point=2.6e-10,
        rows=0.32,
        complexes=0.8,
    ),
    blocks=Rates(
        call=0,
        tap=3.5e-09,
        product=3.7e-11,
        column=3.3e-09,
        matrix=3.3e-08,
        point=4.9e-11,
        rows=2.4,
        complexes=0.8,
    ),
    program=7e-5,
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
