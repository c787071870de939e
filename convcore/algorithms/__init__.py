"""Convolution in the array API standard alone: what a backend is complete with, and may override.

`candidates` and `lower` serve a whole problem. A backend with a faster engine of its own wraps it
in `frame`, which leaves the engine a canonical problem: correlation of (n, g, c, *s) data with a
(g, o, c, *s) kernel, both of the accumulator's dtype, zeros beyond the ends.
"""

from convcore.algorithms._blocking import Blocking
from convcore.algorithms._boundary import Run, extend, fold, pad, runs
from convcore.algorithms._candidates import candidates, lower
from convcore.algorithms._costs import Rates
from convcore.algorithms._direct import matmul, taps, windows
from convcore.algorithms._engine import Engine
from convcore.algorithms._fft import FFT_CONSTANT, fft, has_fft, overlap_add
from convcore.algorithms._frame import exchanged, frame
from convcore.algorithms._limbs import Limbs
from convcore.algorithms._roles import Arrangement, from_roles, to_roles
from convcore.algorithms._spectrum import Circle, fast_length
from convcore.algorithms._tables import Tables, products, tables
from convcore.algorithms._tiles import Tile, Tiling, cut, evenly, in_tiles
from convcore.algorithms._toeplitz import banded, toeplitz

__all__ = [
    "FFT_CONSTANT",
    "Arrangement",
    "Blocking",
    "Circle",
    "Engine",
    "Limbs",
    "Rates",
    "Run",
    "Tables",
    "Tile",
    "Tiling",
    "banded",
    "candidates",
    "cut",
    "evenly",
    "exchanged",
    "extend",
    "fast_length",
    "fft",
    "fold",
    "frame",
    "from_roles",
    "has_fft",
    "in_tiles",
    "lower",
    "matmul",
    "overlap_add",
    "pad",
    "products",
    "runs",
    "tables",
    "taps",
    "to_roles",
    "toeplitz",
    "windows",
]
