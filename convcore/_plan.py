"""The account of what a call would run: a Plan prints itself, and can be run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from convcore._backend import Accuracy, Candidate, Staged
from convcore._choice import operand_bytes
from convcore._errors import OptionError, ShapeError
from convcore._expected import Expected, as_expected
from convcore._problem import ConvProblem
from convcore._typing import Device, Run, Shape, Size

__all__ = ["Plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs for one call, and why; made by `plan`.

    Call it with the same kinds of arrays to run it, or `prepare` it with a constant kernel.

    Attributes
    ----------
    op : str
        Name of the operation.
    backend : str
        Whose engine runs.
    device : hashable or None
        Where; None where the backend has one place only.
    problem : ConvProblem
        The normal form of the call.
    chosen : Candidate
        What runs; the other candidates follow in `rejected`, by predicted time.
    rejected : tuple of Candidate
    operands : tuple of Expected
        The arrays it takes, in the order of the operation's arguments.
    run : callable
        ``(data, kernel, bias or None) -> result``, with no checks.
    """

    op: str
    backend: str
    device: Device
    problem: ConvProblem
    chosen: Candidate
    rejected: tuple[Candidate, ...]
    operands: tuple[Expected, ...]
    run: Run

    @property
    def method(self) -> str:
        """Method of the spec that was chosen."""
        return self.chosen.method

    @property
    def accuracy(self) -> Accuracy:
        """Accuracy class of the result."""
        return self.chosen.accuracy

    @property
    def why(self) -> str:
        """What speaks for the choice, in a few words."""
        return self.chosen.why

    @property
    def shape(self) -> Shape:
        """Shape of the result."""
        return self.problem.y_shape

    @property
    def dtype(self) -> str:
        """Dtype of the result."""
        return self.problem.dtype

    @property
    def flops(self) -> int:
        """Additions and multiplications of the definition; a complex product counts as 8."""
        per_product = 8 if self.problem.is_complex else 2
        return per_product * _whole(self.problem.multiplications)

    @property
    def bytes(self) -> int:
        """Bytes of the operands and the result."""
        return operand_bytes(self.problem)

    def __call__(self, *arrays: Any) -> Any:
        """Run the plan.

        Parameters
        ----------
        *arrays : array, number or nested sequence
            The operands in the order of the operation's arguments, the bias last where the plan
            was made with one; without the kernel for a plan that holds one.

        Returns
        -------
        array

        Raises
        ------
        ShapeError, DTypeError, ArrayTypeError, DeviceError
            For arrays of another problem; make another plan for them.
        """
        if len(arrays) != len(self.operands):
            names = ", ".join(expected.name for expected in self.operands)
            raise ShapeError(
                f"this plan of {self.op} takes {len(self.operands)} arrays ({names}), "
                f"not {len(arrays)}"
            )
        given = {
            expected.role: as_expected(expected, array)
            for expected, array in zip(self.operands, arrays, strict=True)
        }
        return self.run(given["x"], given.get("w"), given.get("bias"))

    def prepare(self, w: Any) -> "Plan":
        """A plan that holds this kernel, prepared once (its spectrum, its matrix).

        Parameters
        ----------
        w : array, number or nested sequence
            The kernel; for `conv_weight_grad` its place is taken by grad.

        Returns
        -------
        Plan
            Takes the remaining operands.

        Raises
        ------
        ShapeError, DTypeError, ArrayTypeError, DeviceError
            For a kernel of another problem.
        OptionError
            Where the plan holds a kernel already.
        """
        kernel = next((e for e in self.operands if e.role == "w"), None)
        if kernel is None:
            raise OptionError("this plan holds a kernel already; prepare the plan it came from")
        return replace(
            self,
            operands=tuple(e for e in self.operands if e is not kernel),
            run=_held(self.run, as_expected(kernel, w)),
        )

    def __str__(self) -> str:
        p, c = self.problem, self.chosen
        where = self.backend if self.device is None else f"{self.backend} on {self.device}"
        lines = [
            f"{self.op}: {p.x_shape} {p.x_dtype}, {p.w_shape} {p.w_dtype} -> {p.y_shape} {p.dtype}",
            f"  backend   {where}",
            f"  method    {c.method} by {c.name}: {c.why}",
            f"  accuracy  {c.accuracy}, sums in {p.accumulator}",
            f"  work      {_si(self.flops)}flop on {_si(self.bytes)}B, {_costs(c)}",
        ]
        return "\n".join(lines + _account(self.rejected))


def _whole(count: Size) -> int:
    """A count as an int; one that is unknown, as a batch's may be, stays nan."""
    return count if count != count else int(count)


def _held(run: Run, w: Any) -> Run:
    if isinstance(run, Staged):
        return run.hold(w)
    return lambda x, _w, bias: run(x, w, bias)


def _account(rejected: Sequence[Candidate]) -> list[str]:
    return [f"  not       {r.method} by {r.name}: {_costs(r)}, {r.accuracy}" for r in rejected]


def _costs(candidate: Candidate) -> str:
    return f"about {_si(candidate.seconds)}s, workspace {_si(candidate.workspace)}B"


def _si(value: float) -> str:
    """A number with a unit's prefix, to three digits."""
    if value == 0 or value != value:
        return f"{value:g} "
    for scale, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m")):
        if value >= scale:
            return f"{value / scale:.3g} {prefix}"
    return f"{value * 1e6:.3g} u"
