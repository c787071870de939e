"""What a problem has of all that takes time: counts, which the prices of an engine multiply."""

from dataclasses import replace
from math import prod

from convcore.plugins import DTYPES, ConvProblem
from convcore_jax._blocks import toeplitz_hop
from convcore_jax._loops import Loop
from convcore_jax._mixing import Mixing

__all__ = ["banded_counts", "counts", "unfolded_bytes"]

_CHEAP = 1000  # operations, up to which XLA runs a program in the thread of the call
_NEAR_BYTES = 2**22  # up to which sums stay in the caches
_KEPT_BYTES = 2**25  # up to which an allocator gives out again what it has
_THIN, _SHORT = 16, 32  # outputs and terms, from which on a product of matrices has its full speed


def counts(problem: ConvProblem, platform: str) -> dict[str, float]:
    """Everything countable of a problem, elements as if of four bytes.

    Returns
    -------
    dict of str to float
        ``program``, ``handed``: one, and one of a program that another thread runs;
        ``shared``: loops that are shared among threads;
        ``taps``, ``phases``: numbers of them, the first phase left out;
        ``data``, ``padded``, ``kernel``, ``outputs``: elements, of padded data too;
        ``joined``, ``fresh``: outputs between those of other phases, and in memory that no
        allocator keeps;
        ``windows``, ``apart``, ``fresh_windows``: samples in all windows that have to be copied, of
        them those of a strided problem, and those in such memory, each tap's by itself;
        ``moved``: of the data and outputs, if images are laid beside each other for a product;
        ``met``, ``met_places``: samples in all windows, and places of these in a channel, the zeros
        of an expansion too;
        ``products``, ``alone``, ``apart_products``: of a loop, of them those of one thread, and
        of strided data;
        ``rows``: terms times rows;
        ``cut``, ``fresh_cut``: outputs cut out of more, and into memory that no allocator keeps;
        ``steps``, ``passes``, ``far_passes``: of a loop over more terms, the outputs that they
        pass over, and those of them that no cache holds until the next;
        ``tap_passes``: outputs that each tap passes over;
        ``thin``, ``short``: of matrices, over their few outputs and over their few terms;
        ``integers``: of matrices of integers.
    """
    return _Counts(problem, platform).all()


def unfolded_bytes(problem: ConvProblem) -> float:
    """Bytes of the samples in all windows."""
    taps = prod(axis.taps / axis.expansion for axis in problem.axes)
    outputs = prod(axis.unfolded for axis in problem.axes)
    return problem.size("ngc") * outputs * taps * DTYPES[problem.accumulator].bits / 8


def banded_counts(problem: ConvProblem, platform: str) -> dict[str, float]:
    """The same of blocks of one axis and a banded matrix, whose zeros are multiplied too.

    Returns
    -------
    dict of str to float
        ``banded``: elements of the blocks, of the matrix, and of the result.
    """
    p, (axis,) = problem, problem.axes
    hop = toeplitz_hop(axis)
    length = hop + axis.taps - 1
    found = _Counts(problem, platform)
    frames = p.size("ngc") * axis.unfolded * length / hop
    matrix = p.size("goc") * hop * length
    banded = (frames + matrix) * found.width
    every = found.all()
    more = {name: every[name] * length / axis.taps for name in ("mixed", "integers")}
    return {**every, **more, "banded": banded + every["outputs"]}


class _Counts:
    """The sizes that several counts are made of."""

    def __init__(self, problem: ConvProblem, platform: str) -> None:
        p = self._problem = problem
        self._platform = platform
        self.width = DTYPES[p.accumulator].bits / 32
        self._taps = prod(a.taps for a in p.axes)
        self._terms = self._taps * max(p.size("c"), 1)
        self._phases = prod(a.expansion for a in p.axes)
        self._phase_terms = max(self._terms // self._phases, 1)
        self._phase = replace(p, axes=tuple(a.phases()[0].axis for a in p.axes))
        space = prod(a.unfolded for a in p.axes)
        self._data = p.size("ngc") * prod(a.size for a in p.axes) * self.width
        self._outputs = p.size("ngo") * space * self.width
        self._places = p.size("ng") * space * self._taps * self.width
        self._views = unfolded_bytes(p) / 4

    def all(self) -> dict[str, float]:
        operations = 2 * self._problem.multiplications
        return {
            "program": 1.0,
            "handed": float(operations >= _CHEAP),
            "taps": float(self._taps),
            "phases": float(self._phases - 1),
            **self._elements(),
            **self._windows(),
            **self._loop(),
            **self._matrices(),
        }

    def _elements(self) -> dict[str, float]:
        p = self._problem
        padded = any(a.lo != 0 or a.hi != 0 for a in p.axes)
        return {
            "data": self._data,
            "padded": self._data * padded,
            "kernel": p.size("goc") * self._taps * self.width,
            "outputs": self._outputs,
            "joined": self._outputs * (self._phases > 1),
            "fresh": self._outputs * self._is_fresh,
        }

    def _windows(self) -> dict[str, float]:
        axes = self._problem.axes
        # Where every phase has one tap, that meets the data as they lie.
        lies = all(a.taps <= a.expansion and a.stride == 1 for a in axes)
        windows = 0.0 if lies else self._views
        return {
            "windows": windows,
            "apart": windows * self._strided,
            "fresh_windows": windows * (4 * windows > _KEPT_BYTES),
            "moved": self._moved,
            "met": self._problem.size("c") * self._places,
            "met_places": self._places,
        }

    def _loop(self) -> dict[str, float]:
        p, phases = self._problem, self._phases
        loop = Loop.of(self._phase, self._platform, phased=phases > 1)
        steps, shared = loop.steps, loop.is_shared
        made = p.multiplications * loop.views.waste
        cut = self._outputs * loop.views.makes_more
        products = made * self.width * (4 if p.is_complex else 1)
        return {
            "shared": float(shared * phases * (steps + 1)),
            "products": products,
            "alone": products * (not shared),
            "apart_products": products * self._strided,
            "rows": self._outputs * self._terms / phases / max(loop.views.row, 1),
            "cut": cut,
            "fresh_cut": cut * self._is_fresh,
            "steps": float(phases * steps),
            "passes": steps * self._outputs,
            "far_passes": steps * self._outputs * (4 * self._outputs / phases > _NEAR_BYTES),
            "tap_passes": self._outputs * self._taps / phases,
        }

    def _matrices(self) -> dict[str, float]:
        p = self._problem
        products = p.multiplications * self.width * (2 if p.is_complex else 1)
        floats = 0.0 if p.is_exact else products
        return {
            "mixed": floats,
            "thin": floats / min(max(p.size("o"), 1), _THIN),
            "short": floats / min(self._terms, _SHORT),
            "integers": products - floats,
        }

    @property
    def _moved(self) -> float:
        """What lays the images of all phases beside each other, if that is done."""
        together = Mixing.of(self._phase, self._phase_terms).together
        return together * (self._phases * self._data + self._outputs)

    @property
    def _is_fresh(self) -> bool:
        return 4 * self._outputs > _KEPT_BYTES

    @property
    def _strided(self) -> bool:
        return any(a.stride > 1 for a in self._problem.axes)
