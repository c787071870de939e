"""Random problems: every library and method agrees with the oracle within the derived bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .checks import METHODS, check
from .exact import expected
from .examples import random_examples
from .libraries import Library
from .marks import shows
from .problems import neural_calls, signal_calls

SIGNAL = ("convolve", "correlate")
NEURAL = ("conv", "conv_transpose", "conv_input_grad", "conv_weight_grad")


@shows("CC-CONVOLVE-1", "CC-CORRELATE-1", "CC-ACCURACY-2", "CC-ACCURACY-3", "CC-ACCURACY-4")
@pytest.mark.parametrize("op", SIGNAL)
@random_examples
@given(data=st.data())
def test_signal(op: str, library: Library, data: st.DataObject) -> None:
    call = data.draw(signal_calls(op, sorted(library.dtypes)))
    wanted = expected(call)
    for method in METHODS:
        check(library, call.but(method=method), wanted)


@shows("CC-CONV-1", "CC-TRANSPOSE-1", "CC-ACCURACY-2", "CC-ACCURACY-3", "CC-ACCURACY-4")
@pytest.mark.parametrize("op", NEURAL)
@random_examples
@given(data=st.data())
def test_neural(op: str, library: Library, data: st.DataObject) -> None:
    call = data.draw(neural_calls(op, sorted(library.dtypes)))
    wanted = expected(call)
    for method in METHODS:
        check(library, call.but(method=method), wanted)
