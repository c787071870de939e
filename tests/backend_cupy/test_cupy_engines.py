"""Random problems by each of the kernels, in both orders of its threads and with wide offsets."""

import pytest

pytest.importorskip("convcore_cupy")

import cuda_on_cpu
import fake_cupy
from hypothesis import given
from hypothesis import strategies as st
from on_cpu import on_cpu

from convcore_conformance.checks import check
from convcore_conformance.exact import expected
from convcore_conformance.examples import random_examples
from convcore_conformance.problems import neural_calls, signal_calls

pytestmark = cuda_on_cpu.needs_gcc

NEURAL = ("conv", "conv_transpose", "conv_input_grad", "conv_weight_grad")
# Each with whether its threads run backwards, and whether its offsets are wide.
ENGINES = [("taps", True, True), ("taps_by_four", False, False), ("taps_by_four", True, True)]
ENGINES += [("dots", False, False), ("dots", True, True)]
ENGINES += [("gemm", False, False), ("gemm", True, True)]


@pytest.fixture(scope="module", params=ENGINES, ids=str)
def library(request):
    engine, backwards, wide = request.param
    with fake_cupy.installed(), pytest.MonkeyPatch.context() as patch:
        from convcore_cupy import _direct, _engines

        # So that it is chosen.
        patch.setattr(_engines, f"_{engine.removesuffix('_by_four')}", lambda _problem: 0.0)
        patch.setattr(_direct, "MANY_OUTPUTS", 0 if engine == "taps_by_four" else 2**62)
        patch.setattr(fake_cupy.state, "backwards", backwards)
        if wide:
            patch.setattr(_direct, "NARROW", 0)
        yield on_cpu(engine)


@random_examples
@given(data=st.data())
def test_engine(library, data):
    op = data.draw(st.sampled_from([*NEURAL, "convolve", "correlate"]))
    calls = neural_calls if op in NEURAL else signal_calls
    call = data.draw(calls(op, sorted(library.dtypes)))
    fake_cupy.state.launches.clear()
    check(library, call.but(method="direct"), expected(call))
    launched = {name for name, _ in fake_cupy.state.launches}
    assert launched <= {library.name}
