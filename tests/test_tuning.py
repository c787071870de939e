"""The tuning file: what it changes, where it lies, and what becomes of one that is broken."""

import json

import numpy as np
import pytest

import convcore
from convcore import _tuning
from convcore.plugins import Accuracy, Candidate, clear_caches

pytestmark = pytest.mark.numpy_backend
X, H = np.ones(5000), np.ones(40)


@pytest.fixture
def tuning(tmp_path, monkeypatch):
    """Writes a tuning file, and has it read."""
    path = tmp_path / "tuning.json"
    monkeypatch.setenv(_tuning.ENVIRONMENT, str(path))

    def write(text):
        path.write_text(text if isinstance(text, str) else json.dumps({"factors": text}))
        clear_caches()

    clear_caches()
    yield write
    clear_caches()


def numpy_factors(**engines):
    return {"numpy": {"cpu": {name: {"float64": factor} for name, factor in engines.items()}}}


def test_factors_change_the_choice_and_its_prediction(tuning):
    before = convcore.plan(convcore.convolve, X, H)
    second = before.rejected[0]
    tuning(numpy_factors(**{before.chosen.name: 1000}))
    after = convcore.plan(convcore.convolve, X, H)
    assert after.chosen == second
    slowed = next(c for c in after.rejected if c.name == before.chosen.name)
    assert slowed.seconds == 1000 * before.chosen.seconds


def test_factors_are_of_a_dtype(tuning):
    single = X.astype("f4"), H.astype("f4")
    before = convcore.plan(convcore.convolve, *single)
    tuning(numpy_factors(**{before.chosen.name: 1000}))
    assert convcore.plan(convcore.convolve, *single).chosen == before.chosen


def test_calls_made_before_are_planned_anew_when_caches_are_cleared(tuning):
    tuning(numpy_factors(fft=1e-9))
    assert convcore.plan(convcore.convolve, X, H).method == "fft"
    tuning({})
    assert convcore.plan(convcore.convolve, X, H).method == "direct"


def test_other_engines_platforms_and_backends_stay():
    found = [Candidate("taps", "direct", Accuracy("exact"), 2.0)]
    for place in (("jax", "cpu"), ("numpy", "cuda")):
        assert _tuning.tuned(*place, "float64", found) == tuple(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"factors": 1}',
        '{"factors": {"numpy": null}}',
        '{"factors": {"numpy": {"cpu": {"taps": 2}}}}',
        '{"factors": {"numpy": {"cpu": {"taps": {"float64": -1}}}}}',
        '{"factors": {"numpy": {"cpu": {"taps": {"float64": Infinity}}}}}',
    ],
)
def test_a_broken_file_is_said_once_and_not_used(tuning, text):
    before = convcore.plan(convcore.convolve, X, H).chosen
    tuning(text)
    with pytest.warns(UserWarning, match="is no tuning file of convcore .* run `convcore tune`"):
        assert convcore.plan(convcore.convolve, X, H).chosen == before
    assert convcore.plan(convcore.convolve, X, H).chosen == before


def test_where_the_file_lies(monkeypatch, tmp_path):
    monkeypatch.setenv(_tuning.ENVIRONMENT, "")
    assert _tuning.tuning_file() is None
    monkeypatch.setenv(_tuning.ENVIRONMENT, str(tmp_path / "mine.json"))
    assert _tuning.tuning_file() == tmp_path / "mine.json"
    monkeypatch.delenv(_tuning.ENVIRONMENT)
    monkeypatch.setattr(_tuning, "find_spec", lambda name: None)
    assert _tuning.tuning_file() is None


@pytest.mark.parametrize(("device", "kind"), [(None, "cpu"), ("cuda:1", "cuda"), ("cpu", "cpu")])
def test_the_kind_of_a_device(device, kind):
    assert _tuning.platform(device) == kind


def test_jax_asks_it_for_the_platform_that_it_compiles_for(tuning):
    pytest.importorskip("jax")
    engines = pytest.importorskip("convcore_jax._engines")
    pair = ((1, 64, 56, 56), "float32"), ((64, 64, 3, 3), "float32")
    problem = convcore.plan("conv", *pair).problem

    def best(platform):
        return engines._best(problem, platform, False, Accuracy("none")).name

    tuning({})
    assert (best("cpu"), best("gpu")) == ("native", "native")
    tuning({"jax": {kind: {"native": {"float32": 1e6}} for kind in ("cpu", "cuda")}})
    assert "native" not in (best("cpu"), best("gpu"))
