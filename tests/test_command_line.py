"""The commands of ``python -m convcore``; what the backends' table holds is in test_api."""

import subprocess
import sys

import pytest

from convcore.__main__ import main


@pytest.fixture
def started(monkeypatch):
    """The commands that were run in a process of their own: here none is."""
    commands = []

    def run(command, **_options):
        commands.append(command)
        return subprocess.CompletedProcess(command, 5)

    monkeypatch.setattr("convcore._commands.conformance.subprocess.run", run)
    return commands


@pytest.mark.numpy_backend
def test_plan_says_what_would_run(capsys):
    assert main(["plan", "conv", "float32:1,3,8", "float32:2,3,3", "padding=same"]) == 0
    assert "(1, 2, 8)" in capsys.readouterr().out


def test_plan_says_what_is_wrong(capsys):
    assert main(["plan", "conv", "float32:1,3,8", "float32:2,3,3", "stride=0"]) == 2
    assert "stride=0" in capsys.readouterr().err


@pytest.mark.numpy_backend
def test_conformance_hands_its_options_to_pytest(started):
    asked = ["--backend", "numpy", "--device", "cpu", "--level", "quick", "--report", "out.html"]
    assert main(["conformance", *asked, "--", "-k", "same", "-x"]) == 5
    assert started == [
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "convcore_conformance"),
            *("--convcore-backend=numpy", "--convcore-device=cpu", "--convcore-level=quick"),
            *("--convcore-report=out.html", "-k", "same", "-x"),
        ]
    ]


def test_conformance_of_all_leaves_the_choice_to_the_suite(started):
    assert main(["conformance"]) == 5
    assert started == [[sys.executable, "-m", "pytest", "--pyargs", "convcore_conformance"]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--backend", "nope"], "--backend=nope is not registered; allowed are "),
        (["--backend", "array_api"], "--backend=array_api is not registered; allowed are "),
        (["--device", "cuda:0"], "--device=cuda:0 needs --backend"),
        (["--report", "out.txt"], "--report=out.txt: allowed is a name in .html or .json"),
        pytest.param(
            ["--backend", "numpy", "--device", "cuda:0"],
            "--device=cuda:0 is none that numpy sees; allowed are cpu",
            marks=pytest.mark.numpy_backend,
        ),
    ],
)
def test_conformance_refuses_before_it_starts(asked, said, started, capsys):
    assert main(["conformance", *asked]) == 2
    assert said in capsys.readouterr().err
    assert started == []


def test_conformance_says_what_to_install(started, monkeypatch, capsys):
    monkeypatch.setattr(
        "convcore._commands.conformance.find_spec", lambda name: None if name == "pytest" else name
    )
    assert main(["conformance"]) == 2
    assert 'pytest not found: pip install "convcore[conformance]"' in capsys.readouterr().err
    assert started == []
