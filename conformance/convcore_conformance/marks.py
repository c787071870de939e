"""What ties a test to the specification."""

from __future__ import annotations

import pytest

import convcore

__all__ = ["needs", "shows"]


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


def needs(backend: str) -> pytest.MarkDecorator:
    """Mark a test that names a backend: it is skipped where that is not there.

    Parameters
    ----------
    backend : str
        A name that users pass as ``backend=``.

    Returns
    -------
    MarkDecorator
        For a test.
    """
    known = convcore.backends().get(backend)
    there = known is not None and known.available
    return pytest.mark.skipif(not there, reason=f"the backend {backend!r} is not there")
