"""Engines on sharded arrays: what each device computes of a problem, and what it asks of others.

XLA gathers whole arrays for a transform or a grouped convolution. Here every device runs the engine
on its own part: batches, groups and channels are independent or summed, and of a convolved axis
each device first gets the few samples beyond its ends from its neighbours (a halo).
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental.custom_partitioning import custom_partitioning
from jax.sharding import NamedSharding, PartitionSpec

from convcore import algorithms
from convcore.algorithms import Engine
from convcore.plugins import Axis, ConvProblem, Namespace, Staged
from convcore_jax._views import SPACE

__all__ = ["sharded"]

_Shares: TypeAlias = dict[str, tuple[str, ...]]
"""Over which axes of the mesh each role, or convolved axis, is spread."""


def sharded(problem: ConvProblem, engine: Engine, xp: Namespace) -> Staged:
    """An engine for canonical problems that runs where the parts of its operands are."""
    parts = _Parts(problem, engine, xp, bool(jax.config.jax_enable_x64))
    run = custom_partitioning(parts.local({}, {}))
    text, special = parts.rule()
    run.def_partition(
        partition=parts.partition,
        infer_sharding_from_operands=parts.infer,
        sharding_rule=text,
        **special,
    )
    return Staged(lambda w: w, lambda x, w, _bias: run(x, w))


def _spread(axis: Axis) -> str:
    """How an axis is spread evenly, if it is: over the data and the outputs, or the taps.

    A device with so many samples of the data must need the same halo wherever it is.
    """
    expanded = axis.size * axis.expansion
    if expanded == axis.unfolded * axis.stride and 1 in (axis.expansion, axis.stride):
        return "kept"
    if expanded == axis.taps * axis.dilation and 1 in (axis.expansion, axis.dilation):
        return "summed"
    return "whole"


@dataclass(frozen=True)
class _Parts:
    """One canonical problem on the devices of a mesh."""

    problem: ConvProblem
    engine: Engine
    xp: Namespace
    wide: bool

    def _axes(self) -> Iterator[tuple[int, Axis, str]]:
        for i, axis in enumerate(self.problem.axes):
            yield i, axis, _spread(axis)

    def rule(self) -> tuple[str, dict[str, Any]]:
        """Which axes of the arrays are one, in the words of Shardy."""
        x, w, y = ["n", "g", "c"], ["g", "o", "c"], ["n", "g", "o"]
        sizes: dict[str, int] = {}
        whole, summed = [], ["c"]
        for i, axis, spread in self._axes():
            step = {"kept": axis.stride, "summed": axis.dilation}.get(spread, 1)
            s, k, t = f"s{i}", f"k{i}", f"t{i}"
            other = {"kept": s, "whole": t, "summed": t}[spread]
            taps = s if spread == "summed" else k
            fine = f"({s} r{i})"
            if step > 1 or (axis.expansion > 1 and spread != "whole"):
                sizes[f"r{i}"] = max(step, axis.expansion)
                whole.append(f"r{i}")
            x.append(fine if step > 1 else s)
            w.append(fine if spread == "summed" and axis.expansion > 1 else taps)
            y.append(fine if spread == "kept" and axis.expansion > 1 else other)
            summed += [s] if spread == "summed" else []
            whole += {"kept": [k], "summed": [t], "whole": [s, k, t]}[spread]
        text = f"{' '.join(x)}, {' '.join(w)} -> {' '.join(y)}"
        found = text.replace("(", "").replace(")", "").replace(",", "").split()
        ordered = tuple(dict.fromkeys(name for name in found if name != "->"))
        return text, {
            "reduction_factors": tuple(name for name in ordered if name in summed),
            "need_replication_factors": tuple(name for name in ordered if name in whole),
            **sizes,
        }

    def infer(self, mesh: Any, args: Any, _result: Any) -> NamedSharding:
        shares = self._shares(mesh, args)
        return NamedSharding(mesh, self._specs(shares)[2])

    def partition(self, mesh: Any, args: Any, _result: Any) -> tuple[Any, ...]:
        shares = self._shares(mesh, args)
        x, w, y = (NamedSharding(mesh, spec) for spec in self._specs(shares))
        return mesh, self.local(shares, dict(mesh.shape)), y, (x, w)

    def _shares(self, mesh: Any, args: Any) -> _Shares:
        """Every role keeps the axes of the mesh that an operand has it on, where that is even."""
        x, w = (_names(arg) for arg in args)
        wanted = [("n", x[0]), ("g", x[1]), ("g", w[0])]
        wanted += [(f"s{i}", x[SPACE + i]) for i, _, spread in self._axes() if spread != "whole"]
        wanted += [("o", w[1]), ("c", x[2]), ("c", w[2])]
        wanted += [(f"s{i}", w[SPACE + i]) for i, _, spread in self._axes() if spread == "summed"]
        shares: _Shares = {}
        used: set[str] = set()
        for role, names in wanted:
            count = prod(mesh.shape[name] for name in names)
            if role not in shares and not used & set(names) and self._divides(role, count):
                shares[role] = names
                used |= set(names)
        return shares

    def _divides(self, role: str, count: int) -> bool:
        if role[0] != "s":
            return bool(self.problem.sizes[role] % count == 0)
        axis = self.problem.axes[int(role[1:])]
        other = axis.unfolded if _spread(axis) == "kept" else axis.taps
        return bool(axis.size % count == 0 and other % count == 0)

    def _specs(self, shares: _Shares) -> tuple[PartitionSpec, PartitionSpec, PartitionSpec]:
        """How x, w and y are spread then."""
        space = [(shares.get(f"s{i}"), spread) for i, _, spread in self._axes()]
        return (
            PartitionSpec(*map(shares.get, "ngc"), *(names for names, _ in space)),
            PartitionSpec(
                *map(shares.get, "goc"), *(n if spread == "summed" else None for n, spread in space)
            ),
            PartitionSpec(
                *map(shares.get, "ngo"), *(n if spread == "kept" else None for n, spread in space)
            ),
        )

    def local(self, shares: _Shares, mesh: dict[str, int]) -> Any:
        """What each device runs."""
        counts = {role: prod(mesh[name] for name in names) for role, names in shares.items()}
        sizes = {role: size // counts.get(role, 1) for role, size in self.problem.sizes.items()}
        windows = [_window(axis, counts.get(f"s{i}", 1)) for i, axis, _ in self._axes()]
        mine = replace(self.problem, sizes=sizes, axes=tuple(axis for axis, _, _ in windows))
        run = algorithms.frame(mine, self.engine, self.xp)
        summed = [shares.get("c", ())]
        summed += [shares.get(f"s{i}", ()) for i, _, spread in self._axes() if spread == "summed"]
        over = tuple(name for names in summed for name in names)

        def part(x: Any, w: Any) -> Any:
            # XLA asks in a context of its own, which need not have the caller's 64-bit numbers.
            same = bool(jax.config.jax_enable_x64) == self.wide
            with nullcontext() if same else jax.enable_x64(self.wide):
                for i, (_, before, after) in enumerate(windows):
                    names = shares.get(f"s{i}", ())
                    x = _with_halo(x, SPACE + i, (before, after), names, counts.get(f"s{i}", 1))
                y = run(x, w, None)
                return lax.psum(y, over) if over else y

        return part


def _names(arg: Any) -> list[tuple[str, ...]]:
    """The axes of the mesh on which each axis of an operand is spread."""
    spec = arg.sharding.spec if isinstance(arg.sharding, NamedSharding) else ()
    listed = [() if n is None else (n,) if isinstance(n, str) else tuple(n) for n in spec]
    return [*listed, *[()] * (len(arg.shape) - len(listed))]


def _window(axis: Axis, count: int) -> tuple[Axis, int, int]:
    """One device's part of an axis, and the samples that it needs before and after its own."""
    if count == 1:
        return axis, 0, 0
    size, kept = axis.size // count, _spread(axis) == "kept"
    outs = axis.unfolded // count if kept else axis.unfolded
    taps = axis.taps if kept else axis.taps // count
    first = -(axis.lo // axis.expansion)
    last = ((outs - 1) * axis.stride + (taps - 1) * axis.dilation - axis.lo) // axis.expansion
    before, after = max(-first, 0), max(last - size + 1, 0)
    lo = axis.lo - axis.expansion * before
    mine = replace(axis, size=before + size + after, taps=taps, lo=lo)
    return mine.with_out(outs), before, after


def _with_halo(x: Any, at: int, halo: tuple[int, int], names: tuple[str, ...], count: int) -> Any:
    """An axis with so many samples of the devices before and after; zeros beyond the last."""
    parts, size = [x], x.shape[at]
    for sign, wanted in ((1, halo[0]), (-1, halo[1])):
        for hop in range(1, -(-wanted // size) + 1):
            taken = min(wanted - (hop - 1) * size, size)
            start = size - taken if sign > 0 else 0
            piece = lax.slice_in_dim(x, start, start + taken, axis=at)
            ways = [(i, i + sign * hop) for i in range(count) if 0 <= i + sign * hop < count]
            piece = lax.ppermute(piece, names, ways)
            parts = [piece, *parts] if sign > 0 else [*parts, piece]
    return jnp.concatenate(parts, axis=at) if len(parts) > 1 else x
