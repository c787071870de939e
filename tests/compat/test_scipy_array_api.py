"""SciPy's own array API mode beside convcore: the table of docs/compat.md."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .answers import CONVCORE, SCIPY

ASKED = Path(__file__).with_name("asked.py")


@pytest.mark.parametrize("library", ["torch", "jax", "dask"])
@pytest.mark.parametrize(
    ("package", "answers"), [("scipy", SCIPY), ("convcore.compat", CONVCORE)], ids=["scipy", "own"]
)
def test_answers(package, answers, library):
    pytest.importorskip(library)
    pytest.importorskip(f"convcore_{library}")
    done = subprocess.run(
        [sys.executable, str(ASKED), package, library],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = {asked: said for asked, said in answers.items() if f" {library} " in asked}
    assert json.loads(done.stdout.splitlines()[-1]) == wanted
