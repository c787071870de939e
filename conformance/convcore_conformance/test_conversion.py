"""Numbers that tell one conversion or rounding from two."""

from __future__ import annotations

import numpy as np
import pytest

import convcore

from .calls import Call
from .checks import able, check_literal
from .libraries import Library
from .marks import shows
from .samples import each, typed


@shows("CC-DTYPE-17")
def test_the_sum_is_rounded_after_the_bias(library: Library) -> None:
    """1 + 2**-11 is a tie in float16 and would become 1; with the bias nothing is lost."""
    half = 2.0**-11
    x, w = np.array([[1], [half]], "float16"), np.ones((1, 2, 1), "float16")
    if "float16" not in library.dtypes:
        pytest.skip(f"{library.name} has no float16")
    call = Call("conv", (x, w, np.array([half], "float16")), {"method": "direct"})
    check_literal(library, call, np.array([[1 + 2 * half]], "float16"))


@shows("CC-DTYPE-6", "CC-DTYPE-16")
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_unsigned_integers_beside_floats(dtype: str, library: Library) -> None:
    """Beyond the range of the signed integers they are not negative."""
    if not {"uint64", dtype} <= library.dtypes:
        pytest.skip(f"{library.name} has no uint64, or no {dtype}")
    values, one = np.array([2**63, 2**63 + 2**40], "uint64"), np.ones(1, dtype)
    for arrays in ((values, one), (one, values)):
        call = Call("convolve", arrays, {"method": "direct"})
        check_literal(library, call, values.astype(dtype))


@shows("CC-METHOD-5")
@each
def test_no_method_but_those_stated(call: Call, library: Library) -> None:
    """What a backend's capabilities leave out must not run by that name, least of all `native`."""
    known = convcore.backends().get(library.backend)
    if known is None or known.capabilities is None:
        pytest.skip(f"{library.name} has no backend to state its methods")
    with library.settings():
        offered = able(library, typed(call, "float32")) - {"auto"}
    assert offered <= set(known.capabilities.methods)
