"""How the benchmark measures a case: what is timed, what is not and why, and in which process."""

import json
import os
import platform
import subprocess
import sys

import pytest

pytest.importorskip("convcore_benchmarks")

import numpy as np
from mutants.loopback import DEVICES, Loopback

import convcore
from convcore_benchmarks import measures, one, peers, processes
from convcore_benchmarks.cases import Case
from convcore_benchmarks.grids import Grid
from convcore_benchmarks.libraries import library
from convcore_benchmarks.machine import gemm, machine
from convcore_benchmarks.measures import (
    beside_fastest,
    beside_peers,
    by_itself,
    each_engine,
    resident_set,
)
from convcore_benchmarks.pages import page
from convcore_benchmarks.peers import Peer
from convcore_benchmarks.record import Record, Result, Row, row_of
from convcore_benchmarks.timing import Effort

CASE = Case("convolve", ((40,), (5,)), "float64", {"mode": "same"}, series="curve", at=5)
FAST = Effort(1e-4, 2)

pytestmark = pytest.mark.numpy_backend


def fakes(**results):
    """Peers that return what these make of NumPy's result."""
    return tuple(
        Peer(name, lambda case, plan, arguments, make=make: lambda: make(np.convolve(*arguments)))
        for name, make in results.items()
    )


def refuse(_y):
    raise RuntimeError("not implemented")


def test_only_who_gives_the_same_is_timed(monkeypatch):
    table = fakes(
        right=lambda y: y[2:-2],
        narrow=lambda y: y[2:-2].astype("float32"),
        long=lambda y: y,
        shifted=lambda y: y[1:-3],
        broken=refuse,
    )
    unable = Peer("unable", lambda *_args: None)
    monkeypatch.setattr(peers, "beside", lambda _backend: (*table, unable))
    row = beside_peers("signal", CASE, library("numpy"), FAST)
    assert list(row.results) == ["convcore", "right"]
    assert row.chosen.error <= 1
    assert row.declined.keys() == {"narrow", "long", "shifted", "broken"}
    assert "gives float32 of shape (40,)" in row.declined["narrow"]
    assert "gives float64 of shape (44,)" in row.declined["long"]
    assert "gives other values" in row.declined["shifted"]
    assert row.declined["broken"] == "RuntimeError: not implemented"
    assert (row.backend, row.op, row.series, row.at) == ("numpy", "convolve", "curve", 5)
    assert row.flops == 2 * 40 * 5
    assert row.gemm > 0 < row.again


def test_convcore_too_is_held_against_the_definition(monkeypatch):
    monkeypatch.setattr(peers, "beside", lambda _backend: ())
    monkeypatch.setattr(convcore, "convolve", lambda x, w, mode: np.zeros_like(x))
    row = beside_peers("signal", CASE, library("numpy"), FAST)
    assert row.chosen is None
    assert "gives other values" in row.declined["convcore"]


def test_where_only_convcore_counts_no_peer_is_called(monkeypatch):
    monkeypatch.setattr(peers, "beside", refuse)
    row = by_itself("scaling", CASE, library("numpy"), FAST)
    assert list(row.results) == ["convcore"]
    assert row.best() is None
    assert row.again > 0


def test_every_candidate_is_timed():
    row = each_engine("auto", CASE, library("numpy"), FAST)
    plan = convcore.plan("convolve", *CASE.arguments(), **CASE.options)
    assert row.results.keys() == {plan.chosen.name, *(one.name for one in plan.rejected)}
    assert row.engine == plan.chosen.name
    assert row.declined == {}


def test_what_was_fastest_by_luck_is_timed_anew(monkeypatch):
    plan = convcore.plan("convolve", *CASE.arguments(), **CASE.options)
    chosen, lucky = plan.chosen.name, plan.rejected[-1].name
    monkeypatch.setattr(measures._Subject, "methods", lambda _self: (chosen, lucky))
    runs = []

    def interleaved(calls, _effort):
        runs.append(set(calls))
        return {name: [1.0 if name == lucky and len(runs) == 1 else 4.0] for name in calls}

    monkeypatch.setattr(measures, "interleaved", interleaved)
    row = beside_fastest("auto", CASE, library("numpy"), FAST)
    assert runs[1] == {chosen, lucky, "again", "gemm"}
    assert row.results.keys() == {chosen, lucky}
    assert row.ratio() == 1


def test_the_fastest_engine_of_a_method_is_timed_beside_the_fastest_of_all(monkeypatch):
    """The transform takes two seconds, an engine that no method runs one, all others three."""

    def interleaved(calls, _effort):
        return {name: [{"fft": 2.0, "toeplitz": 1.0}.get(name, 3.0)] for name in calls}

    monkeypatch.setattr(measures, "interleaved", interleaved)
    row = beside_fastest("auto", CASE, library("numpy"), FAST)
    assert {"fft", "overlap_add"} < set(row.methods)
    assert "toeplitz" not in row.methods
    assert row.results.keys() == {row.engine, "fft", "toeplitz"}
    assert (row.ratio(), row.ratio(row.methods)) == (3.0, 1.5)


def test_engines_of_a_gradient_take_its_arrays_alone():
    case = Case("conv_weight_grad", ((1, 2, 6), (3, 2, 2), (1, 3, 5)))
    row = each_engine("auto", case, library("numpy"), FAST)
    assert row.chosen.error <= 1


def test_on_a_device_everything_is_there(register, monkeypatch):
    """The operands of convcore and of its peers, and the matrix product; memory is the host's."""
    register(Loopback())
    seen = []

    def spell(_case, _plan, arguments):
        seen.extend(array.device for array in arguments)
        return lambda: np.convolve(*arguments, mode="same")

    monkeypatch.setattr(peers, "beside", lambda _backend: (Peer("own", spell),))
    where = library("loopback", DEVICES[1])
    row = beside_peers("signal", CASE, where, FAST)
    assert seen == [DEVICES[1]] * 2
    assert row.results.keys() == {"convcore", "own"}
    assert row.chosen.beyond is None
    product, _ = gemm("float32", where)
    assert product().device == DEVICES[1]


def test_a_call_on_a_device_is_over_when_its_result_is_there(register):
    register(Loopback())
    waited = []
    where = library("loopback", DEVICES[1])._replace(wait=waited.append)
    assert where.awaited(lambda: 5)() == 5
    assert waited == [5]


def test_a_device_that_is_not_there_is_said(register):
    register(Loopback())
    with pytest.raises(convcore.DeviceError, match=r"device='loop:7' .*allowed are loop:0, loop:1"):
        library("loopback", "loop:7")


def test_a_page_says_which_device(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho NVIDIA H200\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    row = Row("tiny", "torch", "conv", "a", results={"convcore": Result(1, 1, 1)})
    written = page([Record(machine("cuda:0"), (row,))], "torch", {})
    assert "; arrays on cuda:0, NVIDIA H200; Python" in written
    assert "arrays on" not in page([Record(machine(), (row,))], "torch", {})


def test_main_memory_is_no_device():
    assert library("numpy", "cpu") == library("numpy")


def test_a_method_that_cannot_serve_is_declined():
    case = Case("convolve", ((40,), (5,)), options={"method": "native"})
    row = resident_set("memory", case, library("numpy"), FAST)
    assert row.results == {}
    assert "method='native' cannot serve" in row.declined["convcore"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others know of no such thing")
def test_memory_that_is_given_back_is_kept():
    """Three blocks of 8 MiB, again and again, get fresh pages only where nothing was kept."""
    code = """if True:
        import resource, sys
        from convcore_benchmarks.processes import keep_memory
        if sys.argv[1] == "kept":
            keep_memory()
        faults = []
        for _ in range(3):
            blocks = [b"x" * 2**23 for _ in range(3)]
            del blocks
            faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
        print(faults[-1] - faults[-2])
    """
    kept, fresh = (
        int(subprocess.check_output([sys.executable, "-c", code, how], text=True))
        for how in ("kept", "fresh")
    )
    assert kept < 100 < fresh


@pytest.fixture
def small_grid(monkeypatch):
    """The grid `memory`, of one small case by the whole transform."""
    case = Case("convolve", ((3000,), (5,)), options={"method": "fft"})
    grid = Grid("memory", "", [case], resident_set, is_alone=True)
    monkeypatch.setitem(one.GRIDS, "memory", grid)
    return case


def test_a_process_of_its_own_prints_a_row(small_grid, monkeypatch, capsys):
    monkeypatch.setattr(one, "settle", lambda *_args: None)
    one.main(["memory", "0", "numpy", "0.1", "3", "1", ""])
    row = row_of(json.loads(capsys.readouterr().out))
    assert (row.case, row.engine) == (small_grid.name, "fft")
    assert row.allowed == 64 * 2**20 + 6 * 4 * (3000 + 5 + 3004)
    assert row.chosen.median > 0


def test_a_process_that_fails_says_what_it_said_last(monkeypatch):
    def run(command, **_options):
        return subprocess.CompletedProcess(command, 1, "", "Traceback\nMemoryError: too much\n")

    monkeypatch.setattr(processes.subprocess, "run", run)
    with pytest.raises(
        RuntimeError, match=r"memory 0 numpy .* ended with 1: MemoryError: too much"
    ):
        processes.alone("memory", 0, "numpy", FAST)


@pytest.fixture
def started(monkeypatch):
    """What this process was started anew as: it is not."""
    found = []
    monkeypatch.setattr(processes.os, "execve", lambda *args: found.append(args))
    monkeypatch.setattr(processes.os, "sched_setaffinity", lambda *_args: None, raising=False)
    return found


def test_a_measurement_settles_its_environment_first(started, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    processes.settle("a_module", ["--quick"], threads=1)
    (_, command, environment) = started.pop()
    assert command[1:] == ["-m", "a_module", "--quick"]
    assert "OPENBLAS_CORETYPE" not in environment
    assert environment["OPENBLAS_THREAD_TIMEOUT"] == "20"
    assert environment["OMP_NUM_THREADS"] == "1"
    for name in set(os.environ) - set(environment):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    processes.settle("a_module", ["--quick"], threads=1)
    assert started == []


def test_what_a_run_takes_of_a_case(monkeypatch):
    """Each contender's result is read once more after its first call, unless that was slow."""
    calls = []
    table = fakes(right=lambda y: calls.append(1) or y[2:-2])
    monkeypatch.setattr(peers, "beside", lambda _backend: table)
    monkeypatch.setattr(measures, "_SLOW", 0.0)
    monkeypatch.setattr(measures, "interleaved", lambda calls, _effort: {n: [1.0] for n in calls})
    row = beside_peers("signal", CASE, library("numpy"), FAST)
    assert len(calls) == 1
    assert row.results["right"].beyond is None
