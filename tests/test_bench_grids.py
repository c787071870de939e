"""The benchmark's tables: every row is a call that can be planned, with a name of its own."""

from itertools import islice

import pytest

pytest.importorskip("convcore_benchmarks")

import convcore
from convcore_benchmarks.cases import Case, each_dtype
from convcore_benchmarks.grids import GRIDS, USUAL
from convcore_benchmarks.grids.auto import problems

each_grid = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)


def sketched(case):
    """The case's positional arguments without any numbers."""
    given = {"conv_input_grad": 0, "conv_weight_grad": 1}.get(case.op)
    return [s if n == given else (s, case.dtype) for n, s in enumerate(case.shapes)]


@each_grid
def test_names_tell_cases_apart(grid):
    names = [case.name for case in grid.cases]
    assert len(set(names)) == len(names) > 0


@pytest.mark.numpy_backend
@each_grid
def test_every_case_can_be_planned(grid):
    for case in grid.cases:
        options = {**case.options, "method": "auto"}
        assert convcore.plan(case.op, *sketched(case), **options).flops > 0


@each_grid
def test_what_is_on_a_curve_says_where(grid):
    on_curves = {bool(case.series) for case in grid.cases}
    assert on_curves == {grid.name in ("scaling", "crossover")}
    assert all(case.at > 0 for case in grid.cases if case.series)


def test_the_usual_grids_are_grids():
    assert set(USUAL) < set(GRIDS)


def test_random_problems_are_the_same_every_time():
    assert [c.name for c in islice(problems(5), 200)] == [c.name for c in GRIDS["auto"].cases]
    assert [c.name for c in islice(problems(6), 5)] != [c.name for c in islice(problems(5), 5)]


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (Case("convolve", ((1_000_000,), (31,))), "convolve 1M * 31, float32"),
        (Case("convolve", ((10_000,), (1000,)), "int32"), "convolve 10k * 1000, int32"),
        (Case("convolve", ((4096, 10_001), (3, 3))), "convolve 4096x10001 * 3x3, float32"),
        (
            Case("conv", ((1, 2, 3), (2, 2, 1)), options={"stride": 2}, label="tiny", threads=2),
            "conv tiny, float32, stride=2, cores=2",
        ),
    ],
)
def test_a_name_has_everything_in_it(case, name):
    assert case.name == name


def test_operands_have_the_shapes_and_the_dtype_and_are_the_same_every_time():
    case = Case("conv_weight_grad", ((1, 2, 5), (3, 2, 2), (1, 3, 4)), "complex64")
    x, shape, grad = case.arguments()
    assert (x.shape, shape, grad.shape) == ((1, 2, 5), (3, 2, 2), (1, 3, 4))
    assert x.dtype == grad.dtype == "complex64"
    assert (x == case.arguments()[0]).all()


def test_a_table_takes_dtypes():
    cases = each_dtype([Case("convolve", ((9,), (3,)))], "float32", "int32")
    assert [case.dtype for case in cases] == ["float32", "int32"]
