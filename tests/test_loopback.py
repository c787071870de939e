import re
from pathlib import Path

import numpy as np
import pytest
from mutants.loopback import DEVICES, Loopback, LoopbackArray
from mutants.rows import MUTANTS

import convcore

SPEC = Path(__file__).parents[1] / "docs" / "spec"


@pytest.fixture
def loopback(register):
    """The backend that counts its runs."""
    return register(Loopback())


def on(loopback, values, device=DEVICES[0]):
    return loopback.lend(np.array(values), device)


def test_dispatch_reaches_it(loopback):
    x, h = on(loopback, [1, 2, 3]), on(loopback, [1, 1])
    for count in (1, 2, 3):  # planned once, run from the cache afterwards
        y = convcore.convolve(x, h)
        assert (type(y), y.tolist(), loopback.ran) == (LoopbackArray, [1, 3, 5, 3], count)


@pytest.mark.parametrize(
    ("op", "arrays"),
    [
        ("convolve", (np.ones(3), np.ones(2))),
        ("correlate", (np.ones(3), np.ones(2))),
        ("conv", (np.ones((1, 1, 3)), np.ones((1, 1, 2)), np.ones(1))),
        ("conv_transpose", (np.ones((1, 1, 3)), np.ones((1, 1, 2)))),
        ("conv_input_grad", ((1, 1, 3), np.ones((1, 1, 2)), np.ones((1, 1, 2)))),
        ("conv_weight_grad", (np.ones((1, 1, 3)), (1, 1, 2), np.ones((1, 1, 2)))),
    ],
)
@pytest.mark.parametrize("device", DEVICES)
def test_every_operation_runs_on_it(loopback, op, arrays, device):
    own = [on(loopback, a, device) if isinstance(a, np.ndarray) else a for a in arrays]
    y = getattr(convcore, op)(*own)
    assert (type(y), y.device, loopback.ran) == (LoopbackArray, device, 1)


def test_numpy_arrays_do_not_reach_it(loopback):
    convcore.convolve(np.ones(3), np.ones(2))
    assert loopback.ran == 0


def test_it_can_be_borrowed(loopback):
    y = convcore.convolve(np.ones(3), np.ones(2), backend="loopback")
    assert (type(y), y.tolist(), loopback.ran) == (np.ndarray, [1, 2, 2, 1], 1)


def test_an_engine_of_the_arrays_own_device_runs_there(loopback, register):
    """Nothing is said of a device, and both know it by one name."""
    places = []

    class Other(Loopback):
        def lend(self, x, device):
            places.append(device)
            return super().lend(x, device)

    register(Other("other"))
    x, h = on(loopback, [1, 2, 3], DEVICES[1]), on(loopback, [1, 1], DEVICES[1])
    y = convcore.convolve(x, h, backend="other")
    assert (y.tolist(), y.device) == ([1, 3, 5, 3], DEVICES[1])
    assert set(places) == {DEVICES[1]}


def test_a_refused_call_is_not_counted(loopback):
    with pytest.raises(convcore.DeviceError, match=r"loop:0 and x2 on loop:1"):
        convcore.convolve(on(loopback, [1.0]), on(loopback, [1.0], DEVICES[1]))
    assert loopback.ran == 0


def test_a_prepared_plan_is_counted_when_it_runs(loopback):
    x, h = on(loopback, [1, 2, 3]), on(loopback, [1, 1])
    prepared = convcore.plan("convolve", x, h).prepare(h)
    assert loopback.ran == 0
    assert (prepared(x).tolist(), loopback.ran) == ([1, 3, 5, 3], 1)


def test_a_mutant_differs_from_it(register):
    wrong = Loopback("wrong")
    MUTANTS["convolution-unflipped"].spoil(wrong)
    register(wrong)
    y = convcore.convolve(on(wrong, [1, 0, 0]), on(wrong, [1, 2]))
    assert (y.tolist(), wrong.ran) == ([2, 1, 0, 0], 1)


def test_there_are_many_mutants():
    assert len(MUTANTS) >= 40
    assert all(mutant.wrong and mutant.clauses for mutant in MUTANTS.values())


def test_mutants_break_clauses_that_exist():
    if not SPEC.is_dir():
        pytest.skip("no checkout of the specification")
    text = "\n".join(page.read_text(encoding="utf-8") for page in SPEC.glob("*.md"))
    known = set(re.findall(r"^\*\*(CC-[A-Z]+-\d+)\.\*\*", text, flags=re.MULTILINE))
    assert {clause for mutant in MUTANTS.values() for clause in mutant.clauses} <= known
