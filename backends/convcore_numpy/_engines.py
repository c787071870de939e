"""NumPy's engines by name: which can run a problem, what each costs, and how it is lowered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from convcore import algorithms
from convcore.algorithms import Rates
from convcore.plugins import Accuracy, Candidate, ConvProblem, Namespace, Run, Staged
from convcore_numpy._bands import Bands, groups_in_bands, takes_bands
from convcore_numpy._columns import Columns, columns_threads
from convcore_numpy._costs import Costs
from convcore_numpy._dots import lower_dots, takes_dots
from convcore_numpy._exact import Exact
from convcore_numpy._in_place import Engine, in_place
from convcore_numpy._overlap import OverlapSave, takes_overlap_save
from convcore_numpy._prices import Prices
from convcore_numpy._row_costs import RowCosts
from convcore_numpy._rows import Rows, groups_in_rows, takes_rows
from convcore_numpy._table import MOST_PRODUCTS, lower_table
from convcore_numpy._taps import ClippedTaps, Taps, groups_at_once, takes_taps
from convcore_numpy._threads import ThreadedNumPy, threads_of
from convcore_numpy._toeplitz import Toeplitz, groups_in_blocks, takes_toeplitz
from convcore_numpy._transform_costs import TransformCosts
from convcore_numpy._windows import Windows, takes_windows, windows_bytes
from convcore_numpy._winograd import (
    Winograd,
    takes_winograd,
    winograd_accuracy,
    winograd_work,
)

__all__ = ["candidates", "lower"]

_PRICES = Prices()
# Of transforms, beside which the portable engines' other rates do not matter here; of integers.
_RATES = Rates(3.7e-6, 3e-10, product=1.5e-10, column=1e-9, point=4e-10, rows=1.0, matrix=0)
_DOUBLE_RATES = replace(_RATES, point=3e-10)
_EXACT_RATES = replace(_RATES, tap=3.6e-10, point=1.8e-10)
_TILE_BYTES = 2**24


def candidates(problem: ConvProblem) -> tuple[Candidate, ...]:
    """All engines that can run a problem."""
    costs = Costs(problem, _PRICES)
    return (*_direct(problem, costs), *_winograd(problem, costs), *_transforms(problem))


def _direct(problem: ConvProblem, costs: Costs) -> Iterator[Candidate]:
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    by_row = RowCosts(problem, _PRICES)
    whole = partial(Candidate, method="direct", accuracy=exactly)
    direct = partial(whole, workspace=_TILE_BYTES)
    yield direct("matmul", seconds=costs.columns(), why="windows as columns")
    if takes_rows(problem):
        why = "rows of outputs, columns of the other axes"
        yield direct("rows", seconds=by_row.rows(), why=why)
    if takes_taps(problem):
        swapped = problem.prefers_exchange
        seconds = Costs(problem.exchange(), _PRICES).clipped_taps() if swapped else costs.taps()
        yield direct("taps", seconds=seconds, why="whole runs of samples, by taps")
    if takes_toeplitz(problem):
        yield direct("toeplitz", seconds=costs.toeplitz(), why="blocks times a banded matrix")
    if takes_bands(problem):
        why = "rows times a banded matrix"
        yield direct("bands", seconds=by_row.bands(), why=why)
    if takes_windows(problem):
        why = "a matrix product for each of few outputs"
        memory = windows_bytes(problem)
        yield whole("windows", seconds=costs.windows(), workspace=memory, why=why)
    if takes_dots(problem):
        yield direct("dots", seconds=costs.dots(), why="one np.correlate")
    if 0 < (products := algorithms.products(problem)) <= MOST_PRODUCTS:
        yield direct("table", seconds=costs.table(products), why="few products, by a table")


def _winograd(problem: ConvProblem, costs: Costs) -> Iterator[Candidate]:
    """By no method of its own: it is not `direct`, and no transform of the spec."""
    if takes_winograd(problem):
        why, memory = "few products at points of tiles", winograd_work(problem).memory
        accuracy = winograd_accuracy(problem)
        yield Candidate("winograd", "auto", accuracy, costs.winograd(), memory, why)


def _transforms(problem: ConvProblem) -> Iterator[Candidate]:
    """The portable ones, the blocks of a signal many at once."""
    costs = TransformCosts(problem, _PRICES)
    single = problem.accumulator == "float32"
    rates = _EXACT_RATES if problem.is_exact else _RATES if single else _DOUBLE_RATES
    for found in algorithms.candidates(problem, np, rates):
        if found.method == "overlap_add" and takes_overlap_save(problem):
            why = "spectra of many blocks at once"
            yield found._replace(seconds=costs.overlap_save(), why=why)
        elif found.method in ("fft", "overlap_add"):
            far = costs.beyond_cache() if found.method == "fft" else 1
            seconds = far * costs.sharing() * found.seconds + costs.lines()
            yield found._replace(seconds=seconds)


def lower(problem: ConvProblem, engine: str) -> Run:
    """Lower a problem to one of the candidates."""
    if engine in _WHOLE:
        return _WHOLE[engine](problem)
    if engine == "taps":
        return _by_taps(problem)
    if engine == "winograd" or (engine == "overlap_add" and takes_overlap_save(problem)):
        make, threads = _SHARED[engine], threads_of(problem, engine)
        return _framed(problem, lambda core, _xp: in_place(core, make, threads=threads))
    if engine in _PARTS:
        return _by_products(problem, engine)
    return algorithms.lower(problem, engine, ThreadedNumPy(problem.threads))


def _by_products(problem: ConvProblem, name: str) -> Run:
    """In one thread, unless products are too small for those that a BLAS has of its own."""
    make = partial(Exact, _PARTS[name]) if problem.is_exact else _PARTS[name]
    threads = _THREADS[name](problem) if name in _THREADS else 1

    def engine(core: ConvProblem, _xp: Namespace) -> Staged:
        groups = _GROUPS[name](core) if name in _GROUPS else None
        return in_place(core, make, groups=groups, threads=threads)

    return _framed(problem, engine)


def _by_taps(problem: ConvProblem) -> Run:
    threads = threads_of(problem, "taps")
    if problem.prefers_exchange:
        clipped = partial(in_place, make=ClippedTaps, threads=threads)
        return algorithms.exchanged(problem, lambda core, _xp: clipped(core), np)

    def engine(core: ConvProblem, _xp: Namespace) -> Staged:
        return in_place(core, Taps, groups=groups_at_once(core), threads=threads)

    return _framed(problem, engine)


def _framed(problem: ConvProblem, engine: algorithms.Engine) -> Run:
    return algorithms.frame(problem, engine, np, expanded=True, biased=True)


_WHOLE: dict[str, Callable[[ConvProblem], Run]] = {"dots": lower_dots, "table": lower_table}
_SHARED: dict[str, Callable[[ConvProblem], Engine]] = {
    "overlap_add": OverlapSave,
    "winograd": Winograd,
}
_PARTS: dict[str, Callable[[ConvProblem], Engine]] = {
    "bands": Bands,
    "matmul": Columns,
    "rows": Rows,
    "toeplitz": Toeplitz,
    "windows": Windows,
}
_GROUPS: dict[str, Callable[[ConvProblem], int]] = {
    "bands": groups_in_bands,
    "rows": groups_in_rows,
    "toeplitz": groups_in_blocks,
}
_THREADS: dict[str, Callable[[ConvProblem], int]] = {
    "bands": partial(threads_of, engine="bands"),
    "matmul": columns_threads,
    "rows": partial(threads_of, engine="rows"),
}
