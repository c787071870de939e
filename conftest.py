"""What the examples in docstrings and pages may take as imported."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convcore

# A backend's modules import its library, which need not be installed to look for examples.
collect_ignore_glob = [
    f"{folder}/*"
    for folder in (Path(__file__).parent / "backends").glob("convcore_*")
    if find_spec(folder.name.removeprefix("convcore_")) is None
]
# What these show is planned by the NumPy backend.
if find_spec("convcore_numpy") is None:
    collect_ignore_glob += ["convcore/_plan_call.py", "docs/spec/plan.md"]

# Its examples need the package that it shows: tests/test_example_backend.py runs them.
collect_ignore_glob += ["docs/writing-a-backend.md"]


@pytest.fixture(autouse=True)
def names(doctest_namespace: dict[str, Any]) -> None:
    """Import convcore, and NumPy as np."""
    doctest_namespace.update(convcore=convcore, np=np)
