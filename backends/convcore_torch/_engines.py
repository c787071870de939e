"""PyTorch's engines by name: which can run a problem, what each costs, and how it is lowered."""

from collections import defaultdict
from collections.abc import Mapping

import torch

from convcore import algorithms
from convcore.algorithms import Rates
from convcore.plugins import Accuracy, Candidate, ConvProblem, Device, Run, Staged
from convcore_torch._autocast import outside_autocast
from convcore_torch._costs import kernel_gradient_cost, native_cost, pointwise_cost
from convcore_torch._ieee import SINGLE, may_reduce
from convcore_torch._kernel_gradient import kernel_gradient, takes_kernel_gradient
from convcore_torch._namespace import TorchNamespace
from convcore_torch._native import lower_native, lower_pointwise, takes_native
from convcore_torch._pointwise import takes_pointwise
from convcore_torch._prices import PORTABLE
from convcore_torch._symbolic import is_symbolic, specialised
from convcore_torch._unsigned import reinterpreted, signed

__all__ = ["candidates", "lower"]

# Calls and integers by some 90 cases on an H200; the others by data sheets, memory at about 1 TB/s.
_GPU = Rates(
    call=1.6e-5,
    tap=1.2e-11,
    product=1e-13,
    integer_product=4e-10,
    column=1e-11,
    point=5e-13,
    rows=1.0,
    matrix=1e-11,
)
_RATES: Mapping[str, Rates | Mapping[str, Rates]] = defaultdict(
    lambda: _GPU, cpu=PORTABLE, meta=PORTABLE
)
_WHY = {
    "native": "one convolution of PyTorch",
    "pointwise": "one product of matrices",
    "kernel_gradient": "PyTorch's gradient of a kernel",
}


def candidates(problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
    """All engines that can run a problem."""
    problem = signed(problem)
    kind = _kind(device)
    if is_symbolic(problem):
        own = _own("native", problem, kind, (0, 0)) if takes_native(problem, kind) else ()
        return (*own, *_unpriced(problem))
    found = list(
        algorithms.candidates(problem, TorchNamespace(kind, problem.precision), _RATES[kind])
    )
    if problem.is_exact and kind not in ("cpu", "meta"):
        # Nothing is published of cuFFT's algorithms that a proof could use (CC-INT-3).
        found = [c for c in found if c.method == "direct"]
    if takes_native(problem, kind):
        found += _own("native", problem, kind, native_cost(problem, kind))
    if takes_pointwise(problem, kind):
        exactly = Accuracy("componentwise")
        cost = pointwise_cost(problem)
        found.append(Candidate("pointwise", "direct", exactly, cost, 0, _WHY["pointwise"]))
    if takes_kernel_gradient(problem, kind):
        found += _own("kernel_gradient", problem, kind, (kernel_gradient_cost(problem, kind), 0))
    if problem.precision == "fast" and may_reduce(kind) and problem.accumulator in SINGLE:
        return tuple(c._replace(accuracy=Accuracy("none")) for c in found)
    return tuple(found)


def _kind(device: Device) -> str:
    """The kind of device; arrays that are lent without saying where stay in main memory."""
    return "cpu" if device is None else str(torch.device(device).type)


def _unpriced(problem: ConvProblem) -> tuple[Candidate, ...]:
    """The portable engines for symbolic sizes, behind PyTorch's own call whatever they may cost.

    They are lowered for the sizes of the trace, and so make a graph for these alone.
    """
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    why = "for these sizes alone"
    direct = Candidate("matmul", "direct", exactly, 1, 0, why)
    if problem.is_exact or not problem.axes:
        return (direct,)
    normwise = Accuracy("normwise", algorithms.FFT_CONSTANT)
    return (direct, *(Candidate(m, m, normwise, 2, 0, why) for m in ("fft", "overlap_add")))


def _own(
    name: str, problem: ConvProblem, kind: str, cost: tuple[float, float]
) -> tuple[Candidate, ...]:
    """One of PyTorch's own calls; on CPUs it sums each output's products, as `direct` wants it."""
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    if kind in ("cpu", "meta"):
        direct = Candidate(name, "direct", exactly, *cost, _WHY[name])
        return direct, direct._replace(method="native")
    # cuDNN may choose Winograd's algorithm or a transform.
    accuracy = Accuracy("normwise", algorithms.FFT_CONSTANT)
    return (Candidate(name, "native", accuracy, *cost, _WHY[name]),)


def lower(problem: ConvProblem, engine: str, device: Device) -> Run:
    """Lower a problem to one of the candidates."""
    kind = _kind(device)
    xp = TorchNamespace(kind, problem.precision)
    plain = signed(problem)
    if engine == "native":
        run = lower_native(plain, kind, xp)
    elif engine == "pointwise":
        run = lower_pointwise(plain, kind, xp)
    elif engine == "kernel_gradient":
        run = algorithms.frame(plain, kernel_gradient, xp)
    else:
        run = algorithms.lower(specialised(plain), engine, xp)
    return _outside(run if plain is problem else reinterpreted(problem, run), kind)


def _outside(run: Run, kind: str) -> Run:
    if isinstance(run, Staged):
        return Staged(outside_autocast(run.prepare, kind), outside_autocast(run.apply, kind))
    return outside_autocast(run, kind)
