"""What ties a test to the specification."""

from __future__ import annotations

import pytest

__all__ = ["shows"]


def shows(*clauses: str) -> pytest.MarkDecorator:
    """Mark a test with the clauses that it shows: the report's rows.

    Parameters
    ----------
    *clauses : str
        Ids such as ``"CC-CONVOLVE-4"``.

    Returns
    -------
    MarkDecorator
        For a test or for one of its parameters.
    """
    return pytest.mark.clauses(*clauses)
