"""How a case is measured: beside its peers, by each of convcore's engines, or for its memory."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import convcore
from convcore.algorithms import FFT_CONSTANT
from convcore.plugins import PORTABLE_METHODS, Accuracy

from . import peers, reference, resident
from .cases import Case
from .libraries import Library
from .machine import gemm
from .record import OURS, Result, Row, result
from .timing import Call, Effort, interleaved

__all__ = ["beside_fastest", "beside_peers", "by_itself", "each_engine", "resident_set"]

_MIB = 2**20
_GEMM, _AGAIN = "gemm", "again"
_SMALL, _SLOW = 64, 1.0
_ROUNDS = 31  # each short
_EXACT, _LOOSE = Accuracy("exact"), Accuracy("normwise", FFT_CONSTANT)


class _Contender(NamedTuple):
    """A way to run a case: the call, how NumPy reads its result, and what that has to keep."""

    call: Callable[[], Any]
    read: Callable[[Any], Any]
    keeps: Accuracy


class _DeclinedError(Exception):
    """A contender does something else, or cannot do it."""


@dataclass(frozen=True)
class _Subject:
    """A case with its operands and its plan."""

    case: Case
    library: Library
    arguments: tuple[Any, ...]
    held: tuple[Any, ...]
    plan: convcore.Plan

    @cached_property
    def samples(self) -> list[reference.Sample]:
        """Some of its outputs by the definition."""
        roles = zip(self.plan.operands, filter(_is_array, self.arguments), strict=True)
        return reference.samples(self.plan, **{expected.role: array for expected, array in roles})

    def ours(self) -> _Contender:
        """The public call, as users make it."""
        call = partial(getattr(convcore, self.case.op), *self.held, **self.case.options)
        return self.contender(call, self.plan.accuracy)

    def contender(self, call: Callable[[], Any], keeps: Accuracy) -> _Contender:
        """A call that is over when its result is there."""
        return _Contender(self.library.awaited(call), self.library.numpy, keeps)

    def engines(self) -> dict[str, _Contender]:
        """Each of convcore's engines that could serve, the chosen one first."""
        plan, found = self.plan, {}
        for candidate in (plan.chosen, *plan.rejected):
            run = self.library.backend.lower(plan.problem, candidate.name, plan.device)
            call = partial(replace(plan, run=run), *filter(_is_array, self.held))
            found[candidate.name] = self.contender(call, candidate.accuracy)
        return found

    def methods(self) -> tuple[str, ...]:
        """The engines that run where a method is said, each once."""
        found = []
        for method in (*PORTABLE_METHODS, "native"):
            with suppress(convcore.MethodError):
                said = {**self.case.options, "method": method}
                found.append(convcore.plan(self.case.op, *self.held, **said).chosen.name)
        return tuple(dict.fromkeys(found))

    def row(self, grid: str, results: Mapping[str, Result], **measured: Any) -> Row:
        """What is known of the case, and what was measured."""
        plan, factor = self.plan, 6 if self.plan.method == "fft" else 1
        return Row(
            *(grid, self.library.name, self.case.op, self.case.name, plan.chosen.name),
            flops=plan.flops,
            allowed=64 * _MIB + factor * plan.bytes,
            results=results,
            series=self.case.series,
            at=self.case.at,
            **measured,
        )


def beside_peers(grid: str, case: Case, library: Library, effort: Effort) -> Row:
    """Time the public call and each peer's by turns.

    Parameters
    ----------
    grid : str
        The name of the grid.
    case : Case
    library : Library
        Whose arrays convcore gets.
    effort : Effort

    Returns
    -------
    Row
    """
    subject = _subject(case, library)
    # Whichever its method, a peer is timed on the same problem or not at all.
    loose = _EXACT if subject.plan.problem.is_exact else _LOOSE
    contenders = {OURS: subject.ours()}
    for peer in peers.beside(library.name):
        call = peer.spell(case, subject.plan, subject.held)
        if call is not None:
            contenders[peer.name] = subject.contender(call, loose)
    return _timed(grid, subject, contenders, effort)


def by_itself(grid: str, case: Case, library: Library, effort: Effort) -> Row:
    """Time the public call alone.

    Parameters
    ----------
    grid : str
        The name of the grid.
    case : Case
    library : Library
    effort : Effort

    Returns
    -------
    Row
    """
    subject = _subject(case, library)
    return _timed(grid, subject, {OURS: subject.ours()}, effort)


def each_engine(grid: str, case: Case, library: Library, effort: Effort) -> Row:
    """Time every candidate for a case by turns; the row's engine is the one that was chosen.

    Parameters
    ----------
    grid : str
        The name of the grid.
    case : Case
    library : Library
    effort : Effort

    Returns
    -------
    Row
    """
    subject = _subject(case, library)
    return _timed(grid, subject, subject.engines(), effort)


def beside_fastest(grid: str, case: Case, library: Library, effort: Effort) -> Row:
    """Time the engine that was chosen beside the fastest, which were found by timing every one.

    They are the fastest of all, and of those that saying a method would run. The least of several
    noisy times is too low for the fastest engine's, so it is taken anew, in more and shorter
    rounds: what a call of some 50 us takes drifts by half and more over 10 ms.

    Parameters
    ----------
    grid : str
        The name of the grid.
    case : Case
    library : Library
    effort : Effort

    Returns
    -------
    Row
    """
    subject = _subject(case, library)
    engines = subject.engines()
    every, methods = _timed(grid, subject, engines, effort), subject.methods()
    rivals = (every.engine, every.best(), every.best(methods))
    few = {name: call for name, call in engines.items() if name in rivals}
    closer = effort._replace(rounds=_ROUNDS)
    row = _timed(grid, subject, few, closer)
    return replace(row, declined=every.declined, methods=methods)


def resident_set(grid: str, case: Case, library: Library, _effort: Effort) -> Row:
    """Run a case once, for its peak of memory; only the first of a process says something.

    Parameters
    ----------
    grid : str
        The name of the grid.
    case : Case
    library : Library

    Returns
    -------
    Row
    """
    small = tuple(min(size, _SMALL) for size in case.shapes[0])
    try:
        warm = _subject(replace(case, shapes=(small, *case.shapes[1:])), library)
        warm.ours().call()
        subject = _subject(case, library)
    except convcore.MethodError as refusal:
        return Row(grid, library.name, case.op, case.name, declined={OURS: str(refusal)})
    ours = subject.ours()
    start = time.perf_counter()
    y, beyond = _peak(subject, ours.call)
    seconds = time.perf_counter() - start
    error = reference.worst(ours.read(y), subject.samples, subject.plan, ours.keeps)
    return subject.row(grid, {OURS: result([seconds], error, beyond)})


def _subject(case: Case, library: Library) -> _Subject:
    arguments = case.arguments()
    held = tuple(map(library.array, arguments))
    return _Subject(case, library, arguments, held, convcore.plan(case.op, *held, **case.options))


def _timed(
    grid: str, subject: _Subject, contenders: Mapping[str, _Contender], effort: Effort
) -> Row:
    """Check each contender, then time those that do the same by turns, and a matrix product."""
    figures, declined = {}, {}
    for name, contender in contenders.items():
        try:
            figures[name] = _figures(subject, contender)
        # Other people's code may raise anything: it is said in the row.
        except Exception as error:  # noqa: BLE001
            declined[name] = f"{type(error).__name__}: {error}"[:200]
    calls: dict[str, Call] = {name: contenders[name].call for name in figures}
    if not calls:
        return subject.row(grid, {}, declined=declined)
    product, flops = gemm(subject.plan.problem.accumulator, subject.library)
    twice = next((name for name in calls if name != OURS), OURS)
    product()
    seconds = interleaved({**calls, _AGAIN: calls[twice], _GEMM: product}, effort)
    results = {name: result(seconds[name], *figures[name]) for name in calls}
    again = result(seconds[_AGAIN]).median / results[twice].median
    rate = flops / result(seconds[_GEMM]).median
    return subject.row(grid, results, declined=declined, gemm=rate, again=again)


def _figures(subject: _Subject, contender: _Contender) -> tuple[float, int | None]:
    """The error over the bound of convcore's choice, and the memory, of a result that is right."""
    # What is planned, compiled and allocated once is no part of a call; a slow one runs but once.
    start, beyond = time.perf_counter(), None
    y = contender.call()
    if time.perf_counter() - start < _SLOW:
        y, beyond = _peak(subject, contender.call)
    got, plan = contender.read(y), subject.plan
    if got.shape != plan.shape or got.dtype != plan.dtype:
        raise _DeclinedError(f"gives {got.dtype} of shape {got.shape}")
    error, kept = (
        reference.worst(got, subject.samples, plan, accuracy)
        for accuracy in (plan.accuracy, contender.keeps)
    )
    if kept > 1:
        raise _DeclinedError(f"gives other values: {kept:.3g} times the bound")
    return error, beyond


def _is_array(argument: Any) -> bool:
    """Whether an argument is no shape."""
    return not isinstance(argument, tuple)


def _peak(subject: _Subject, call: Callable[[], Any]) -> tuple[Any, int | None]:
    """A result, and the memory that it took where that is the host's."""
    return resident.peak(call) if subject.library.device is None else (call(), None)
