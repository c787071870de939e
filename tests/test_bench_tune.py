"""`convcore tune`: from times to factors, and a whole run on a few problems."""

import json

import pytest

pytest.importorskip("convcore_benchmarks")
pytest.importorskip("rich")

from convcore.__main__ import main
from convcore_benchmarks.tune import Sample, factors, written

pytestmark = pytest.mark.numpy_backend


def samples(engine, *ratios, dtype="float32"):
    return [Sample("numpy", "cpu", engine, dtype, ratio * 3.0, 3.0) for ratio in ratios]


def test_a_factor_is_the_median_of_what_was_measured_over_what_was_predicted():
    found = factors(samples("taps", 1, 2, 64) + samples("taps", 3, 3, 3, dtype="int32"))
    assert found == {"numpy": {"cpu": {"taps": {"float32": 2.0, "int32": 3.0}}}}


def test_few_samples_say_nothing():
    assert factors(samples("taps", 2, 2)) == {}


def test_a_file_keeps_what_it_has_of_other_backends(tmp_path):
    path = tmp_path / "new" / "tuning.json"
    written({"numpy": {"cpu": {}}, "jax": {"cpu": {}}}, path)
    written({"numpy": {"cpu": {"taps": {"float32": 2.0}}}}, path)
    found = json.loads(path.read_text())["factors"]
    assert found == {"numpy": {"cpu": {"taps": {"float32": 2.0}}}, "jax": {"cpu": {}}}
    written({"jax": {"cuda": {}}}, path)
    assert json.loads(path.read_text())["factors"]["jax"] == {"cpu": {}, "cuda": {}}


def test_a_number_of_problems_is_checked(tmp_path, capfd):
    assert main(["tune", "--count", "0", "--file", str(tmp_path / "t.json")]) == 2
    assert "0 problems; allowed is 1 or more" in capfd.readouterr().err


def test_a_broken_file_is_replaced(tmp_path):
    path = tmp_path / "tuning.json"
    path.write_text("{}")
    with pytest.warns(UserWarning, match="is no tuning file"):
        written({"jax": {}}, path)
    assert json.loads(path.read_text())["factors"] == {"jax": {}}


def test_the_command_writes_a_file_that_is_read(tmp_path, capfd):
    path = tmp_path / "tuning.json"
    assert main(["tune", "--count", "12", "--file", str(path)]) == 0
    engines = json.loads(path.read_text())["factors"]["numpy"]["cpu"]
    assert all(factor > 0 for dtypes in engines.values() for factor in dtypes.values())
    assert f"written to {path}" in capfd.readouterr().out


def test_a_backend_that_is_not_there_is_said(tmp_path, capfd):
    assert main(["tune", "--backend", "none", "--file", str(tmp_path / "t.json")]) == 2
    assert "'none'" in capfd.readouterr().err
