"""The benchmark's arithmetic, by hand: references, timing, memory, means, limits, pages."""

import json
from collections import Counter
from itertools import groupby

import pytest

pytest.importorskip("convcore_benchmarks")

import numpy as np

import convcore
from convcore.plugins import Accuracy
from convcore_benchmarks import reference, resident, timing
from convcore_benchmarks.limits import LIMITS, statements
from convcore_benchmarks.pages import markdown, page
from convcore_benchmarks.record import Record, Result, Row, read, result, write
from convcore_benchmarks.summary import (
    Finding,
    excess,
    exponents,
    largest,
    mean,
    ratio,
    share_above,
)
from convcore_benchmarks.tables import Table, detail, seconds, verdicts
from convcore_benchmarks.timing import Effort
from convcore_conformance.calls import Call
from convcore_conformance.exact import expected


def row(case="a", ours=2.0, grid="signal", backend="numpy", op="convolve", **others):
    """A row in which convcore takes so many seconds, and the others theirs."""
    figures = {name.replace("_", "."): Result(t, t, t) for name, t in others.items()}
    results = {"convcore": Result(ours, ours, ours, 0.5, 2**20), **figures}
    return Row(grid, backend, op, case, "taps", results=results, allowed=2**21)


def engines(times, chosen="taps", **said):
    figures = {name: Result(t, t, t) for name, t in times.items()}
    return Row("auto", "numpy", "convolve", "a", chosen, results=figures, **said)


# Of which a method runs all but "sums".
BY_METHOD = engines({"taps": 5.0, "fft": 4.5, "sums": 2.0}, methods=("taps", "fft"))


# The reference, against the oracle.


def whole(*shape):
    return (np.arange(np.prod(shape)) * 7 % 11 - 5.0).reshape(shape)


CALLS = [
    Call("convolve", (whole(6), whole(3)), {"mode": "same"}),
    Call("convolve", (whole(3, 5), whole(1, 2)), {"axes": 1}),
    Call("correlate", (whole(5) * (1 + 2j), whole(4) * (2 - 1j)), {"mode": "same"}),
    Call("convolve", (whole(5).astype("uint8"), whole(3).astype("uint8")), {}),
    Call("conv", (whole(2, 4, 5), whole(6, 2, 3), whole(6)), {"padding": 1, "groups": 2}),
    Call("conv", (whole(1, 2, 4, 5), whole(3, 2, 2, 2)), {"stride": 2, "dilation": (1, 2)}),
    Call("conv_transpose", (whole(1, 2, 4), whole(2, 3, 3)), {"stride": 2, "padding": 1}),
    Call("conv_input_grad", ((1, 2, 6), whole(3, 2, 3), whole(1, 3, 2)), {"stride": 2}),
    Call("conv_weight_grad", (whole(1, 2, 6), (3, 2, 3), whole(1, 3, 4)), {}),
]


@pytest.fixture(params=CALLS, ids=[f"{call.op}{n}" for n, call in enumerate(CALLS)])
def judged(request):
    """A plan, some of its outputs by the reference, and all by the oracle."""
    call = request.param
    plan = convcore.plan(call.op, *call.arrays, **call.kwargs)
    arrays = [a for a in call.arrays if isinstance(a, np.ndarray)]
    roles = {e.role: a for e, a in zip(plan.operands, arrays, strict=True)}
    oracle = expected(call)
    return plan, reference.samples(plan, **roles, count=15), oracle


def as_number(value):
    return complex(value.re, value.im) if hasattr(value, "re") else float(value)


@pytest.mark.numpy_backend
def test_the_reference_is_the_oracles(judged):
    plan, samples, oracle = judged
    for sample in samples:
        place = np.ravel_multi_index(sample.place, plan.problem.atom_sizes("y"))
        element = oracle.result.elements.values[place]
        assert complex(sample.value) == as_number(element.value)
        assert sample.norms == pytest.approx(float(element.x_norm * element.w_norm), rel=1e-12)
        if not plan.problem.is_exact and not plan.problem.is_complex:
            assert float(sample.magnitude) == as_number(element.magnitude)


@pytest.mark.numpy_backend
def test_a_right_result_keeps_its_bound_and_a_wrong_one_does_not(judged):
    plan, samples, oracle = judged
    values = [as_number(element.value) for element in oracle.result.elements.values]
    exact = np.array(values).reshape(oracle.shape)
    right = (exact if plan.problem.is_complex else exact.real).astype(plan.dtype)
    assert reference.worst(right, samples, plan, plan.accuracy) <= 1
    assert reference.worst(right + right.dtype.type(1), samples, plan, plan.accuracy) > 1


@pytest.mark.numpy_backend
def test_bounds_by_hand():
    x, w = np.ones(4, "float32"), np.ones(2, "float32")
    plan = convcore.plan("convolve", x, w, "valid")
    samples = reference.samples(plan, x, w)
    unit, tiny = 2.0**-24, np.finfo("float32").tiny
    off = np.full(3, 2 + 2.0**-22, "float32")
    # Two terms of 1: (2 + 4) u 2 + u 2 + 2 tiny.
    componentwise = 2.0**-22 / (12 * unit + 2 * unit + 2 * tiny)
    assert reference.worst(off, samples, plan, Accuracy("componentwise")) == pytest.approx(
        componentwise
    )
    # 4 samples and a reach of 1: 3 (log2 5 + 1) u ||x|| ||w||, with norms of 2 and sqrt 2.
    normwise = 2.0**-22 / (3 * (np.log2(5) + 1) * unit * 2 * np.sqrt(2) + 2 * unit + 2 * tiny)
    assert reference.worst(off, samples, plan, Accuracy("normwise", 3.0)) == pytest.approx(normwise)
    assert reference.worst(off * np.nan, samples, plan, Accuracy("componentwise")) == np.inf


# Timing, with a clock of its own.


class Clock:
    """Time that passes only in calls."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def call(self, name, takes):
        def run():
            self.now += takes
            self.calls.append(name)

        return run


def test_contenders_take_turns_and_long_calls_are_few(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(timing.time, "sleep", lambda _seconds: None)
    takes = {"short": 2**-12, "middle": 0.25, "long": 4.0}
    calls = {name: clock.call(name, seconds) for name, seconds in takes.items()}
    times = timing.interleaved(calls, Effort(1.0, 8))
    assert {name: set(rounds) for name, rounds in times.items()} == {
        name: {seconds} for name, seconds in takes.items()
    }
    assert {name: len(rounds) for name, rounds in times.items()} == {
        "short": 8,
        "middle": 4,
        "long": 1,
    }
    # An eighth of a second in each round, after 1, 1 and 4 calls that showed how short it is; of a
    # round's calls one more, after the rest, is not timed.
    assert Counter(clock.calls) == {"short": 1 + 1 + 4 + 8 * 513, "middle": 1 + 4, "long": 1}
    turns = [name for name, _ in groupby(clock.calls)]
    assert turns[:6] == ["short", "middle", "long", "short", "middle", "short"]


def test_the_cold_call_after_a_rest_is_not_timed(monkeypatch):
    clock, rested = Clock(), []

    def call():
        clock.now += 1.0 if rested else 2**-12
        rested.clear()

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(timing.time, "sleep", rested.append)
    assert timing.interleaved({"call": call}, Effort(1.0, 8)) == {"call": [2**-12] * 8}


def test_quartiles_by_hand():
    assert result([5.0, 1.0, 3.0, 2.0, 4.0])[:3] == (2.0, 3.0, 4.0)


def test_the_peak_is_what_a_call_held_beyond_its_result():
    def call():
        held = np.ones(64 * 2**17)  # 64 MiB
        return held[: 2**17].copy()

    call()
    y, beyond = resident.peak(call)
    assert y.nbytes == 2**20
    if beyond is not None:
        assert 60 * 2**20 < beyond < 70 * 2**20


# Figures.


@pytest.mark.parametrize(
    ("figure", "one", "value"),
    [
        (ratio(), row(ours=3.0, numpy=2.0, torch=6.0), 1.5),
        (ratio(("torch",)), row(ours=3.0, numpy=2.0, torch=6.0), 0.5),
        (ratio(("jax",)), row(numpy=2.0), None),
        (ratio(above=2.0), row(ours=2.0, numpy=1.0), None),
        (ratio(above=1.9), row(ours=2.0, numpy=1.0), 2.0),
        (ratio(), engines({"taps": 3.0, "fft": 2.0}), 1.5),
        (ratio(), engines({"taps": 3.0, "fft": 4.0}), 1.0),
        (ratio(), engines({"fft": 4.0}), None),
        (excess(("numpy",), ("convolve",)), row(ours=3e-6, numpy=2e-6), pytest.approx(1.0)),
        (excess(("numpy",), ("conv",)), row(ours=3e-6, numpy=2e-6), None),
    ],
)
def test_a_figure_of_a_row(figure, one, value):
    assert figure(one) == value


def test_statistics_by_hand():
    found = [Finding(0.5, "a"), Finding(4.0, "b"), Finding(0.5, "c"), Finding(1.0, "d")]
    assert mean(found) == (1.0, "")
    assert largest(found) == (4.0, "b")
    assert share_above(0.9)(found) == (0.5, "")


def test_exponents_of_powers():
    times = {1: 3.0, 2: 12.0, 4: 48.0}
    rows = [engines({"taps": t}, series="square", at=n) for n, t in times.items()]
    rows += [engines({"taps": 8 / n}, series="cores", at=n) for n in (1, 2)]
    rows += [engines({"taps": 1.0}, series="a point", at=1), row(numpy=1.0)]
    assert exponents(rows) == {"square": pytest.approx(2.0), "cores": pytest.approx(-1.0)}


def test_limits_are_held_against_their_rows_alone():
    rows = [
        row("a", 1.0, numpy=4.0, jax=0.5),
        row("b", 2.0, scipy_ndimage=2.0, torch=1.0),
        row("c", 9.0, backend="torch", torch=1.0),
    ]
    said = {s.limit.text: (*s.finding, s.verdict) for s in statements(rows, "signal", "numpy")}
    assert said == {
        "geometric mean to NumPy and SciPy": (pytest.approx(0.5), "", "reached"),
        "worst to NumPy and SciPy, from 20 us on": (1.0, "b", "reached"),
        "geometric mean to all peers": (pytest.approx(2.0), "", ""),
        "worst to all peers, from 20 us on": (2.0, "b", ""),
        "largest error over its bound": (0.5, "b", "reached"),
    }


@pytest.mark.parametrize(
    ("one", "text", "value", "verdict"),
    [
        (row(backend="torch", torch=1.0), "worst to the best native call", 2.0, "not reached"),
        (row(grid="neural", op="conv", torch=2.5), "geometric mean to PyTorch", 0.8, "reached"),
        (row("convolve 3 * 3, f", 1e-6, "tiny"), "slowest signal", 1.0, "reached"),
        (
            row(ours=7e-6, grid="tiny", backend="torch", op="conv", torch=5e-6),
            "most beyond PyTorch's layer",
            2.0,
            "not reached",
        ),
        (row(grid="memory"), "most of the memory allowed", 0.5, "reached"),
        (
            engines({"taps": 5.0, "fft": 2.0}),
            "share above 1.2 x the best engine",
            1.0,
            "not reached",
        ),
        (engines({"taps": 5.0, "fft": 2.0}), "worst to the best engine", 2.5, "not reached"),
        (BY_METHOD, "share above 1.2 x the best method", 0.0, "reached"),
        (BY_METHOD, "worst to the best method", 5 / 4.5, "reached"),
    ],
)
def test_each_limit(one, text, value, verdict):
    (said,) = [s for s in statements([one], one.grid, one.backend) if text in s.limit.text][:1]
    assert (said.finding.value, said.verdict) == (pytest.approx(value), verdict)


def test_every_limit_is_of_a_grid_that_there_is():
    from convcore_benchmarks.grids import GRIDS

    assert {limit.grid for limit in LIMITS} <= {"", *GRIDS}


# Text.


@pytest.mark.parametrize(
    ("value", "text"), [(2.5, "2.5 s"), (0.001234, "1.23 ms"), (9.5e-7, "0.95 us")]
)
def test_times_have_units(value, text):
    assert seconds(value) == text


def test_a_table_in_markdown():
    table = Table(("case", "ms"), [("a", "1"), ("b", "2")])
    assert markdown(table) == "| case | ms |\n| --- | ---: |\n| a | 1 |\n| b | 2 |"


def test_a_row_has_its_figures_in_the_table():
    one = row("x", 2e-3, numpy=4e-3)
    one.results["torch"] = Result(1.0, 1.0, 1.0, 7.0)
    table = detail("signal", [one], is_whole=True)
    said = dict(zip(table.head, table.body[0], strict=True))
    assert said["convcore"] == "2 ms"
    assert (said["best"], said["its time"], said["ratio"]) == ("numpy", "4 ms", "0.50")
    assert (said["numpy"], said["torch"]) == ("4 ms", "1 s (7)")
    assert (said["MiB"], said["error / bound"]) == ("1", "0.5")
    assert "numpy" not in detail("signal", [one]).head


def test_the_table_of_limits():
    table = verdicts(statements([row(grid="memory")], "memory", "numpy"))
    assert table.body[0] == ("most of the memory allowed", "0.5", "1", "reached", "a")


def test_a_record_comes_back_from_json_and_becomes_a_page(tmp_path):
    machine = {
        "started": "2026-01-02",
        "processor": "a processor",
        "cores": 2,
        "load": 0.5,
        "python": "3.11",
        "convcore": "0",
        "packages": {"numpy": "2"},
    }
    lost = Row("signal", "numpy", "convolve", "z", declined={"torch": "gives float64"})
    record = Record(machine, (row("x", 2e-3, numpy=4e-3), lost))
    write(record, tmp_path / "deep" / "record.json")
    assert read(tmp_path / "deep" / "record.json") == record
    text = page([record], "numpy", {"signal": "numpy-signal.svg"})
    assert text.startswith("# On NumPy arrays\n")
    assert "a processor, 2 cores (load 0.5 before)" in text
    assert "| geometric mean to NumPy and SciPy | 0.5 | 0.5 | reached |  |" in text
    assert "![signal](numpy-signal.svg)" in text
    assert "- torch, z: gives float64" in text
    assert "| x | 2 ms |" in text


@pytest.mark.parametrize("text", ["no JSON", json.dumps({"rows": []}), json.dumps([])])
def test_what_is_no_record_is_named(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=r"a\.json is no record of convcore bench"):
        read(tmp_path / "a.json")
