"""Choosing a method, and the account of it: a Plan prints itself and can be run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from convcore._backend import Accuracy, Candidate, Staged
from convcore._dtypes import DTYPES
from convcore._errors import MethodError, ShapeError
from convcore._options import Options
from convcore._problem import ConvProblem
from convcore._typing import Device, Run, Shape

__all__ = ["Plan", "choose"]

_FREE_WORKSPACE = 64 * 2**20
_WORTH_MEMORY = 10  # how many times faster a method must be to exceed the workspace


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs for one call, and why; made by `plan`.

    Call it with the same kinds of arrays to run it, or `prepare` it with a constant kernel.

    Attributes
    ----------
    op : str
        Name of the operation.
    backend : str
    device : hashable or None
    problem : ConvProblem
        The normal form of the call.
    chosen : Candidate
        What runs; the other candidates follow in `rejected`.
    rejected : tuple of Candidate
    """

    op: str
    backend: str
    device: Device
    problem: ConvProblem
    chosen: Candidate
    rejected: tuple[Candidate, ...]
    run: Run
    held: bool = False

    @property
    def method(self) -> str:
        """Method of the spec that was chosen."""
        return self.chosen.method

    @property
    def accuracy(self) -> Accuracy:
        """Accuracy class of the result."""
        return self.chosen.accuracy

    @property
    def shape(self) -> Shape:
        """Shape of the result."""
        return self.problem.y_shape

    @property
    def flops(self) -> int:
        """Additions and multiplications of the definition; a complex product counts as 8."""
        per_product = 8 if self.problem.is_complex else 2
        return per_product * int(self.problem.multiplications)

    @property
    def bytes(self) -> int:
        """Bytes of the operands and the result."""
        return operand_bytes(self.problem)

    def __call__(self, x: Any, w: Any = None, bias: Any = None) -> Any:
        """Run the plan.

        Parameters
        ----------
        x, w : array
            The operands in the order of the operation; no w for a plan that holds its kernel.
        bias : array, optional
            Where the plan was made with one.

        Raises
        ------
        ShapeError
            For arrays of another problem.
        """
        _check_same("first operand", x, self.problem.x_shape, self.problem.x_dtype)
        if not self.held:
            _check_same("second operand", w, self.problem.w_shape, self.problem.w_dtype)
        if (bias is None) != (self.problem.bias is None):
            raise ShapeError("bias: this plan was made " + ("with one" if bias is None else "without"))
        return self.run(x, w, bias)

    def prepare(self, w: Any) -> "Plan":
        """A plan that holds this kernel, prepared once (its spectrum, its matrix).

        Parameters
        ----------
        w : array
            The second operand.
        """
        _check_same("second operand", w, self.problem.w_shape, self.problem.w_dtype)
        run = self.run
        if isinstance(run, Staged):
            return replace(self, run=run.hold(w), held=True)
        return replace(self, run=lambda x, _w, bias: run(x, w, bias), held=True)

    def __str__(self) -> str:
        p, c = self.problem, self.chosen
        where = self.backend if self.device is None else f"{self.backend} on {self.device}"
        lines = [
            f"{self.op}: {p.x_shape} {p.x_dtype}, {p.w_shape} {p.w_dtype} -> {p.y_shape} {p.dtype}",
            f"  backend   {where}",
            f"  method    {c.method} by {c.name}: {c.why}",
            f"  accuracy  {c.accuracy}, sums in {p.accumulator}",
            f"  work      {_si(self.flops)}flop on {_si(self.bytes)}B, "
            f"about {_si(c.seconds)}s, workspace {_si(c.workspace)}B",
        ]
        lines += [
            f"  not       {r.method} by {r.name}: about {_si(r.seconds)}s, "
            f"workspace {_si(r.workspace)}B, {r.accuracy}"
            for r in self.rejected
        ]
        return "\n".join(lines)


def _si(value: float) -> str:
    for scale, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m")):
        if value >= scale:
            return f"{value / scale:.3g} {prefix}"
    return f"{value * 1e6:.3g} u"


def _check_same(what: str, array: Any, shape: Shape, dtype: str) -> None:
    if tuple(array.shape) != tuple(shape) or not str(array.dtype).endswith(dtype):
        raise ShapeError(
            f"{what} is {tuple(array.shape)} {array.dtype}; this plan is for {shape} {dtype}: "
            "make another plan"
        )


def operand_bytes(problem: ConvProblem) -> int:
    """Bytes of the operands and the result of a problem."""
    counts = zip(
        (problem.x_shape, problem.w_shape, problem.y_shape),
        (problem.x_dtype, problem.w_dtype, problem.dtype),
        strict=True,
    )
    total = 0
    for shape, dtype in counts:
        elements = 1
        for size in shape:
            elements *= size
        total += elements * DTYPES[dtype].bits // 8
    return total


def choose(
    problem: ConvProblem, candidates: Sequence[Candidate], options: Options
) -> tuple[Candidate, tuple[Candidate, ...]]:
    """The candidate to run, and the others by predicted time.

    Raises
    ------
    MethodError
        Where no candidate serves the forced method.
    """
    ranked = sorted(candidates, key=lambda c: c.seconds)
    method = options.method or "auto"
    if method == "auto":
        chosen = _automatic(problem, ranked, options)
    else:
        serving = [c for c in ranked if c.method == method]
        if not serving:
            able = sorted({c.method for c in ranked})
            raise MethodError(
                f"method={method!r} cannot serve this problem; allowed are 'auto', "
                + ", ".join(map(repr, able))
            )
        chosen = serving[0]
    return chosen, tuple(c for c in ranked if c is not chosen)


def _automatic(
    problem: ConvProblem, ranked: Sequence[Candidate], options: Options
) -> Candidate:
    if options.accuracy == "componentwise":
        ranked = [c for c in ranked if c.accuracy.name in ("exact", "componentwise")]
    room = _FREE_WORKSPACE + operand_bytes(problem)
    modest = [c for c in ranked if c.workspace <= room]
    if not modest:
        return ranked[0]
    fastest, frugal = ranked[0], modest[0]
    return fastest if frugal.seconds > _WORTH_MEMORY * fastest.seconds else frugal


