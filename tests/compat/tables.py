"""All rows."""

import pytest

from . import lax_rows, ndimage_rows, numpy_rows, signal_rows, torch_rows

TABLES = (
    numpy_rows.ROWS,
    signal_rows.ROWS,
    ndimage_rows.ROWS,
    torch_rows.ROWS,
    lax_rows.ROWS,
)
ROWS = tuple(row for table in TABLES for row in table)
EVERYWHERE = tuple(row for row in ROWS if row.everywhere)


def each(rows):
    """Rows as pytest's parameters, numbered, since two may read alike."""
    return [pytest.param(row, id=f"{row.id}-{i}") for i, row in enumerate(rows)]
