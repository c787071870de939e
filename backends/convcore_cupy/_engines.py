"""CuPy's engines by name: which can run a problem, what each costs, and how it is lowered."""

from collections.abc import Callable
from math import prod
from typing import Any

import cupy

from convcore import algorithms
from convcore.algorithms import Rates
from convcore.plugins import DTYPES, Accuracy, Candidate, ConvProblem, Device, Run, Staged
from convcore_cupy._calls import Call, as_call
from convcore_cupy._cudnn import is_available, lower_cudnn, plan_graph
from convcore_cupy._direct import COLUMNS, DEPTH, ENGINES, MANY_OUTPUTS, ROWS, columns, splits
from convcore_cupy._namespace import NAMESPACE

__all__ = ["candidates", "lower"]

# No figure here was measured on a device. They are those of a data centre's GPU by its data sheet
# (1.5 TB/s, 10 Tflop/s in float64) and by the instructions that the kernels were compiled to.
_RATES = Rates(
    call=8e-6,
    tap=1e-11,
    product=2e-13,
    integer_product=2e-13,
    column=1e-11,
    point=3e-12,
    rows=1.0,
)
_CALL = 2e-5  # the frame around an engine, and its launch
_TAP = 4e-13  # a product of two loaded elements of four bytes, on a full device
_SHARED_TAP = 2.5e-13  # where one of them serves four outputs
_TERM = 5e-9  # one after the other, in one thread
_DOT = 8e-13
_TILED = 1.2e-13
_STEP = 8e-7  # of a tile, where it has nothing to overlap with
_CUDNN = {"float16": 5e-15, "bfloat16": 5e-15, "float32": 5e-14, "float64": 1e-13}
_CUDNN_CALL = 4e-5


def candidates(problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
    """All engines that can run a problem."""
    exactly = Accuracy("exact" if problem.is_exact else "componentwise")
    parts = splits(problem) * columns(problem) * problem.size("go")
    partial = parts * DTYPES[problem.accumulator].bits // 8 if splits(problem) > 1 else 0
    found = [
        Candidate("taps", "direct", exactly, _taps(problem), 0, "a thread for each output"),
        Candidate("dots", "direct", exactly, _dots(problem), 0, "a block for each output"),
        Candidate("gemm", "direct", exactly, _gemm(problem), partial, "tiles of a product"),
    ]
    # cuFFT's algorithms are not published, so no bound is proven for integers (CC-INT-3).
    if not problem.is_exact:
        portable = algorithms.candidates(problem, NAMESPACE, _RATES)
        found += [c for c in portable if c.method in ("fft", "overlap_add")]
    call = as_call(problem) if is_available() else None
    with cupy.cuda.Device(_index(device)):
        graph = None if call is None else plan_graph(call, _index(device))
    if call is not None and graph is not None:
        seconds, why = _cudnn(problem, call), f"cuDNN's {call.op}"
        accuracy = _cudnn_accuracy(problem, call)
        found.append(Candidate("cudnn", "native", accuracy, seconds, graph.workspace, why))
    return tuple(found)


def lower(problem: ConvProblem, engine: str) -> Run:
    """Lower a problem to one of the candidates; it runs on the device that its arrays lie on."""
    if engine == "cudnn":
        return _where_x_lies(lower_cudnn(problem, NAMESPACE))
    if engine in ENGINES:
        # A tile of a product would be mostly an expansion's zeros; it has the phases instead.
        expanded = engine != "gemm"
        framed = algorithms.frame(problem, ENGINES[engine], NAMESPACE, expanded=expanded)
        return _where_x_lies(framed)
    return _where_x_lies(algorithms.lower(problem, engine, NAMESPACE))


def _index(device: Device) -> int:
    """A device's number; that of the current one, where arrays are lent to no device by name."""
    if device is None:
        return int(cupy.cuda.Device().id)
    return int(str(device).rpartition(":")[2])


def _where_x_lies(run: Run) -> Run:
    """The run with its first array's device as the current one; streams go with the device."""

    def there(function: Callable[..., Any]) -> Callable[..., Any]:
        def on_device(*arrays: Any) -> Any:
            with cupy.cuda.Device(arrays[0].data.device_id):
                return function(*arrays)

        return on_device

    if isinstance(run, Staged):
        return Staged(there(run.prepare), there(run.apply))
    return there(run)


def _width(problem: ConvProblem) -> float:
    """Cost of one product against that of a product in float32."""
    return max(DTYPES[problem.accumulator].bits / 32, 1.0) * (2 if problem.is_complex else 1)


def _terms(problem: ConvProblem) -> float:
    """Products in one output that meet data."""
    return float(
        problem.size("c") * prod(max(min(a.taps / a.expansion, a.size), 1) for a in problem.axes)
    )


def _taps(problem: ConvProblem) -> float:
    outputs, terms = problem.size("go") * columns(problem), _terms(problem)
    each = _SHARED_TAP if outputs >= MANY_OUTPUTS else _TAP
    return float(_CALL + _width(problem) * max(outputs * terms * each, terms * _TERM))


def _dots(problem: ConvProblem) -> float:
    outputs, terms = problem.size("go") * columns(problem), _terms(problem)
    alone = 4e-6 + terms / 256 * 4 * _TERM
    return float(_CALL + _width(problem) * max(outputs * (terms * _DOT + 1e-9), alone))


def _gemm(problem: ConvProblem) -> float:
    tile = COLUMNS[DTYPES[problem.accumulator].bits > 32]
    across, down = -(-columns(problem) // tile) * tile, -(-problem.size("o") // ROWS) * ROWS
    terms = problem.terms / prod(axis.expansion for axis in problem.axes)
    work = problem.size("g") * across * down * terms * _TILED
    alone = terms / splits(problem) / DEPTH * _STEP
    # Each residue of an expanded axis is a convolution of its own, and they are interleaved.
    phases = prod(len(axis.phases()) for axis in problem.axes if axis.expansion > 1)
    calls = _CALL * (phases if phases == 1 else 4 * phases)
    return float(calls + _width(problem) * max(work, alone))


def _cudnn(problem: ConvProblem, call: Call) -> float:
    # Its tiles are of 32 output channels at the least.
    filled = -(-problem.size("o") // 32) * 32 / problem.size("o")
    return float(_CUDNN_CALL + problem.multiplications * filled * _CUDNN[call.dtype])


def _cudnn_accuracy(problem: ConvProblem, call: Call) -> Accuracy:
    if call.fast:
        return Accuracy("none")
    if call.dtype == problem.accumulator:  # what is no sum of products was deselected
        return Accuracy("componentwise")
    # Tensor cores take the exact products of 16 bits and truncate where they add: within 4 units of
    # all terms' magnitudes for each term, which Cauchy and Schwarz bound by the norms.
    return Accuracy("normwise", 4.0 * prod(axis.taps for axis in problem.axes))
