"""What the examples in docstrings and pages may take as imported."""

from typing import Any

import numpy as np
import pytest

import convcore


@pytest.fixture(autouse=True)
def names(doctest_namespace: dict[str, Any]) -> None:
    """Import convcore, and NumPy as np."""
    doctest_namespace.update(convcore=convcore, np=np)
