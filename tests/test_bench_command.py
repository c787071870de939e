"""``convcore bench`` and the pages, as they are run."""

import subprocess

import pytest

pytest.importorskip("convcore_benchmarks")
pytest.importorskip("rich")

from convcore.__main__ import main
from convcore_benchmarks import __main__ as bench
from convcore_benchmarks import pages
from convcore_benchmarks.record import read


@pytest.mark.numpy_backend
def test_a_run_from_the_command_to_the_page(tmp_path, capfd):
    record, folder = tmp_path / "record.json", tmp_path / "pages"
    asked = ["--grid", "tiny", "-k", "convolve 3 * 3, float64, mode=valid", "--quick"]
    assert main(["bench", *asked, "--json", str(record)]) == 0
    assert "tiny, on numpy's arrays" in capfd.readouterr().out
    (row,) = read(record).rows
    assert row.case == "convolve 3 * 3, float64, mode=valid"
    assert row.chosen.median > 0
    assert row.chosen.error <= 1
    assert {"numpy", "convcore"} <= row.results.keys()
    pytest.importorskip("matplotlib")
    assert pages.main([str(record), "--out", str(folder)]) == 0
    assert "| convolve 3 * 3, float64, mode=valid |" in (folder / "numpy.md").read_text()
    assert (folder / "numpy-tiny.svg").read_text().startswith("<?xml")


def test_the_command_hands_everything_on(monkeypatch):
    started = []

    def run(command, **_options):
        started.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr("convcore._commands.bench.subprocess.run", run)
    asked = ["--backend", "numpy", "torch", "--grid", "signal"]
    asked += ["--device", "cuda:0", "--json", "a.json", "-k", "1M"]
    asked += ["--threads", "1", "--quick"]
    assert main(["bench", *asked]) == 3
    assert started[0][1:] == ["-m", "convcore_benchmarks", *asked]
    assert main(["bench"]) == 3
    assert started[1][1:] == ["-m", "convcore_benchmarks"]


def test_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(
        "convcore._commands.bench.find_spec", lambda name: None if name == "rich" else name
    )
    assert main(["bench"]) == 2
    assert 'rich not found: pip install "convcore[bench]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--backend", "nope"], "backend='nope' is not registered; allowed are "),
        pytest.param(
            ["--device", "cuda:0"],
            "device='cuda:0' is none of the backend 'numpy'; allowed are cpu",
            marks=pytest.mark.numpy_backend,
        ),
        pytest.param(
            ["--grid", "tiny", "-k", "no such case"],
            "no case of tiny has 'no such case' in its name",
            marks=pytest.mark.numpy_backend,
        ),
    ],
)
def test_what_cannot_be_measured_is_said(asked, said, capsys):
    assert bench.main(asked) == 2
    assert said in capsys.readouterr().err


def test_pages_say_what_they_cannot_read(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    assert pages.main([str(tmp_path / "none.json"), "--out", str(tmp_path)]) == 2
    assert "none.json" in capsys.readouterr().err
    monkeypatch.setattr(pages, "find_spec", lambda _name: None)
    assert pages.main([str(tmp_path / "none.json"), "--out", str(tmp_path)]) == 2
    assert 'matplotlib not found: pip install "convcore[bench]"' in capsys.readouterr().err
