"""The benchmark's peers: each does what it says it can do, and gives what convcore defines."""

import pytest

pytest.importorskip("convcore_benchmarks")

import numpy as np

import convcore
from convcore.plugins import Accuracy
from convcore_benchmarks import peers, reference
from convcore_benchmarks.cases import Case

pytestmark = pytest.mark.numpy_backend

SIZES = {"line": ((40,), (5,)), "even": ((40,), (6,)), "image": ((9, 8), (3, 4))}
SIZES |= {"volume": ((6, 5, 7), (3, 2, 3))}
ALONG = {"rows": ((6, 30), (1, 5)), "own kernels": ((6, 30), (6, 4))}
LAYERS = {
    "layer": Case("conv", ((2, 3, 7, 6), (4, 3, 3, 2)), options={"stride": 2, "padding": 1}),
    "line layer": Case("conv", ((2, 3, 9), (4, 3, 3), (4,)), options={"dilation": 2}),
    "grouped": Case("conv", ((1, 4, 5, 5, 5), (4, 2, 3, 3, 3)), options={"groups": 2}),
    "transposed": Case(
        "conv_transpose", ((2, 3, 5, 4), (3, 2, 4, 4)), options={"stride": 2, "padding": 1}
    ),
}
OPS = ("convolve", "correlate")
DTYPES = ("float32", "float64", "complex64", "int32")
KINDS = [("full", "float32"), ("valid", "complex64"), *(("same", dtype) for dtype in DTYPES)]

CASES = {
    f"{op} {name} {mode} {dtype}": Case(op, sizes, dtype, {"mode": mode} | axes)
    for op in OPS
    for table, axes in ((SIZES, {}), (ALONG, {"axes": 1}))
    for name, sizes in table.items()
    for mode, dtype in KINDS
} | LAYERS

# Which of the cases it can do: all whose names hold all of the words of one of these lines.
ABLE = {
    "numpy": [[name] for name in ("line same", "line", "even", "rows", "own kernels")],
    "scipy.signal": [[name] for name in (*SIZES, "rows")],
    "scipy.oaconvolve": [["convolve", dtype] for dtype in DTYPES if dtype != "int32"],
    "scipy.ndimage": [
        ["convolve", "same"],
        ["correlate line same"],
        ["correlate rows same"],
    ],
    "torch": [[""]],
    "torch.channels_last": [["layer"], ["grouped"], ["transposed"]],
    "torch.fft": [["convolve", dtype] for dtype in DTYPES if dtype != "int32"],
    "jax": [[f"{name} ", d] for name in SIZES for d in DTYPES if d != "int32"]
    + [["layer"], ["grouped"]],
    "jax.channels_last": [["layer"], ["grouped"]],
    "jax.fft": [["convolve", d] for d in DTYPES if d != "int32"],
}
NEVER = {
    "numpy": ["layer"],
    "scipy.signal": ["layer"],
    "scipy.ndimage": ["own kernels"],
    "torch.channels_last": ["line"],
    "jax.fft": ["rows"],
}
"""And none of those that hold one of these."""

PEERS = peers.beside("numpy")
each_peer = pytest.mark.parametrize("peer", PEERS, ids=[peer.name for peer in PEERS])


def able(peer, name):
    if any(word in name for word in NEVER.get(peer.name, ())):
        return False
    return any(all(word in name for word in line) for line in ABLE[peer.name])


@pytest.fixture(autouse=True)
def wide():
    """Let JAX hold 64-bit numbers where it is installed, as the benchmark does."""
    if not any(peer.name == "jax" for peer in PEERS):
        yield
        return
    import jax

    with jax.enable_x64(True):
        yield


@each_peer
def test_a_peer_gives_what_the_definition_says(peer):
    for name, case in CASES.items():
        arguments = case.arguments()
        plan = convcore.plan(case.op, *arguments, **case.options)
        call = peer.spell(case, plan, arguments)
        assert (call is not None) == able(peer, name), name
        if call is not None:
            got = np.asarray(call())
            assert (got.shape, got.dtype) == (plan.shape, plan.dtype), name
            x, w, *bias = arguments
            known = reference.samples(plan, x, w, *bias, count=20)
            keeps = Accuracy("exact") if plan.problem.is_exact else Accuracy("normwise", 16.0)
            assert reference.worst(got, known, plan, keeps) <= 1, name


@pytest.mark.parametrize(
    ("backend", "libraries"),
    [("numpy", set(peers.LIBRARIES)), ("torch", {"torch"}), ("jax", {"jax"}), ("dask", set())],
)
def test_the_peers_of_a_library_are_its_own_and_numpys_are_all(backend, libraries):
    found = {peer.name.partition(".")[0] for peer in peers.beside(backend)}
    assert found <= libraries
    assert {"numpy"} <= found or backend != "numpy"
