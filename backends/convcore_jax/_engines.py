"""JAX's engines by name: which can run a problem, and how it is lowered."""

from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from convcore import algorithms
from convcore.algorithms import Engine
from convcore.plugins import (
    Accuracy,
    Candidate,
    ConvProblem,
    MethodError,
    Run,
    Staged,
    cheapest,
    tuned,
)
from convcore_jax._blocks import overlap_add, toeplitz
from convcore_jax._columns import columns, tile_bytes
from convcore_jax._compiling import quickly
from convcore_jax._direct import dots, taps
from convcore_jax._meshes import across
from convcore_jax._namespace import JAXNamespace, namespace
from convcore_jax._native import NARROW, lower_native
from convcore_jax._offers import PLATFORMS, offered
from convcore_jax._operation import Choice, convolution
from convcore_jax._places import Place, Traced
from convcore_jax._problems import (
    Linear,
    extended,
    is_symbolic,
    linear_part,
    positions,
)
from convcore_jax._shards import sharded
from convcore_jax._table import lower_table, table_candidate, takes_table

__all__ = ["candidates", "lower", "lower_linear"]

_SMALL = 2**16  # products
_MOST_EXCHANGED = 64  # samples of the data, each of which is a term then


def candidates(problem: ConvProblem, place: Place) -> tuple[Candidate, ...]:
    """All engines that can run a problem."""
    found = offered(problem, place.platform, place.wide)
    if isinstance(place, Traced):
        return (*found, *_left_open(problem, place))
    if takes_table(problem, place):
        return (*found, table_candidate(problem))
    return found


def _left_open(problem: ConvProblem, place: Place) -> Iterator[Candidate]:
    """What "auto" is while nobody knows what XLA will compile for: the best for each platform.

    There are two, as the user may ask for componentwise accuracy.
    """
    floors = {"open": Accuracy("none"), "open_componentwise": Accuracy("componentwise")}
    for name, floor in floors.items():
        bests = {
            platform: _best(problem, platform, place.wide, floor)
            for platform in (place.platform, *PLATFORMS)
        }
        classes = [best.accuracy for best in bests.values()]
        own = bests[place.platform]
        yield own._replace(
            name=name,
            method="auto",
            accuracy=next(a for a in classes if all(b.keeps(a) for b in classes)),
            seconds=0.99 * own.seconds,
            why=f"the best on XLA's platform, such as {own.name} on {place.platform}",
        )


def _best(problem: ConvProblem, platform: str, wide: bool, floor: Accuracy) -> Candidate:
    """What is predicted to take least on a platform, of all that keep an accuracy class."""
    found = _offered(problem, platform, wide)
    return cheapest(problem, [c for c in found if c.accuracy.keeps(floor)])


def _offered(problem: ConvProblem, platform: str, wide: bool) -> tuple[Candidate, ...]:
    """What a platform has, at what it was measured to need where it was."""
    kind = "cuda" if platform == "gpu" else platform
    return tuned("jax", kind, problem.accumulator, offered(problem, platform, wide))


def lower(problem: ConvProblem, engine: str, place: Place) -> Run:
    """Lower a problem to one of the candidates: one compiled function of its operands."""
    if engine == "table":
        return lower_table(problem, place)
    chosen = next(c for c in candidates(problem, place) if c.name == engine)
    choice = Choice(engine, place.platform, chosen.method, chosen.accuracy)
    if chosen.method == "auto":
        choice = Choice(None, None, "auto", chosen.accuracy)
    core, finish = linear_part(problem), _finish(problem)
    data, kernel = _data(problem), _kernel(problem)

    def convcore(x: Any, w: Any, bias: Any) -> Any:
        return finish(convolution(data(x), kernel(w), core, choice), bias)

    if place.is_host and problem.multiplications <= _SMALL:
        return quickly(across(convcore, problem))
    return jax.jit(across(convcore, problem))


def _data(problem: ConvProblem) -> Callable[[Any], Any]:
    """The data as the linear problem has them."""
    xp = namespace()
    stages = zip(positions(problem, problem.x), problem.axes, extended(problem), strict=True)
    extensions = [(at, axis) for at, axis, beyond in stages if beyond]

    def data(x: Any) -> Any:
        x = _carried(x, problem)
        for at, axis in extensions:
            x = algorithms.extend(x, at, axis, problem.fill, xp)
        return jnp.conj(x) if problem.conj_x else x

    return data


def _kernel(problem: ConvProblem) -> Callable[[Any], Any]:
    """The kernel as the linear problem has it."""
    space = positions(problem, problem.w) if problem.flip else ()

    def kernel(w: Any) -> Any:
        w = lax.rev(_carried(w, problem), space)
        return jnp.conj(w) if problem.conj_w else w

    return kernel


def _carried(x: Any, problem: ConvProblem) -> Any:
    """An operand in the dtype of the sums, or in a narrow one whose products that holds."""
    # A fill value is one of the accumulator, which a narrower dtype may not hold.
    narrow = problem.fill == 0 and x.dtype.name in NARROW.get(problem.accumulator, ())
    return x if narrow else x.astype(problem.accumulator)


def _finish(problem: ConvProblem) -> Callable[[Any, Any], Any]:
    """From the linear problem's result to this one's: folds, the bias, and one rounding."""
    xp = namespace()
    stages = zip(positions(problem, problem.y), problem.axes, strict=True)
    folds = [(at, axis.fold) for at, axis in stages if axis.fold is not None]
    dtype, shape = jnp.dtype(problem.dtype), problem.y_shape
    along = () if problem.bias is None else (problem.y.index(problem.bias),)
    spread = tuple(n if i in along else 1 for i, n in enumerate(shape))

    def finish(y: Any, bias: Any) -> Any:
        for at, fold in folds:
            y = algorithms.fold(y, at, fold, xp)
        if bias is not None:
            y = y + jnp.reshape(bias.astype(dtype).astype(y.dtype), spread)
        return y.astype(dtype)

    return finish


def lower_linear(problem: ConvProblem, choice: Choice, platform: str, *, several: bool) -> Linear:
    """Lower a linear problem to what is chosen, or to the best there is on a platform.

    Parameters
    ----------
    several : bool
        Whether it may run on several devices.
    """
    if problem.size("ngoc") == 0:
        sums = jnp.dtype(problem.accumulator)
        return lambda x, w: jnp.zeros(problem.y_shape, sums)
    engine = choice.engine
    if engine is None or choice.platform != platform:
        engine = _chosen(problem, choice, platform).name
    if engine in ("native", "eigen") and (problem.size("g") == 1 or not several):
        return lower_native(problem, platform, namespace())  # XLA spreads all but its groups well
    run = _canonical(problem, engine, platform, several=several)
    return lambda x, w: run(x, w, None)


def _chosen(problem: ConvProblem, choice: Choice, platform: str) -> Candidate:
    """The best engine of a platform that the choice leaves open.

    A method that was asked for by name is kept, with the class that it has there.
    """
    wide = bool(jax.config.jax_enable_x64)
    if choice.method == "auto":
        return _best(problem, platform, wide, choice.accuracy)
    able = [c for c in _offered(problem, platform, wide) if c.method == choice.method]
    if not able:
        raise MethodError(
            f"method={choice.method!r} cannot serve this problem on platform {platform!r}; "
            "allowed is 'auto'"
        )
    return cheapest(problem, able)


def _canonical(problem: ConvProblem, engine: str, platform: str, *, several: bool) -> Run:
    """One of the engines for canonical problems."""
    xp = namespace(problem.precision)
    # Which of two symbolic sizes is larger is not known.
    known = not is_symbolic(problem)
    if engine == "taps" and known and problem.prefers_exchange and not several:
        terms = problem.size("c") * prod(a.size for a in problem.axes)
        if terms <= _MOST_EXCHANGED:
            return algorithms.lower(problem, engine, xp)
    phased = any(axis.expansion > 1 for axis in problem.axes)
    engines: dict[str, Engine] = {
        "taps": partial(taps, platform=platform, phased=phased),
        "dots": partial(dots, platform=platform),
        "columns": partial(columns, tile=tile_bytes(platform)),
        "toeplitz": toeplitz,
        "eigen": partial(_native, platform),
        "native": partial(_native, platform),
        "fft": algorithms.fft,
        "overlap_add": partial(overlap_add, power_of_two=platform == "tpu"),
    }
    if not several:
        return algorithms.frame(problem, engines[engine], xp)
    return algorithms.frame(
        problem, lambda whole, xp: sharded(whole, engines[engine], xp), xp, expanded=True
    )


def _native(platform: str, problem: ConvProblem, xp: JAXNamespace) -> Staged:
    run = lower_native(problem, platform, xp)
    return Staged(lambda w: w, lambda x, w, _bias: run(x, w))
