"""Records as pages: ``python -m convcore_benchmarks.pages numpy.json --out docs/performance``.

Each library's arrays get a page of Markdown, with the pictures beside it.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .grids import GRIDS
from .limits import statements
from .record import Record, Row, read
from .tables import Table, detail, verdicts

__all__ = ["main", "markdown", "page"]

_TITLES = {"numpy": "NumPy", "torch": "PyTorch", "jax": "JAX", "cupy": "CuPy", "dask": "Dask"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages of some records.

    Parameters
    ----------
    arguments : sequence of str or None
        The command line.

    Returns
    -------
    int
        The exit status.
    """
    parser = argparse.ArgumentParser("convcore_benchmarks.pages", description=__doc__)
    parser.add_argument("records", nargs="+", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    said = parser.parse_args(arguments)
    if find_spec("matplotlib") is None:
        print('matplotlib not found: pip install "convcore[bench]"', file=sys.stderr)
        return 2
    try:
        records = [read(path) for path in said.records]
    except (OSError, ValueError) as error:
        print(f"convcore_benchmarks.pages: {error}", file=sys.stderr)
        return 2
    said.out.mkdir(parents=True, exist_ok=True)
    for backend in dict.fromkeys(row.backend for record in records for row in record.rows):
        pictures = _draw(records, backend, said.out)
        (said.out / f"{backend}.md").write_text(page(records, backend, pictures), "utf-8")
    return 0


def page(records: Sequence[Record], backend: str, pictures: Mapping[str, str]) -> str:
    """One library's page.

    Parameters
    ----------
    records : sequence of Record
        Of which the rows of that backend are taken.
    backend : str
    pictures : mapping of str to str
        By grid, where there is one: a file beside the page.

    Returns
    -------
    str
        Markdown.
    """
    parts = [f"# On {_TITLES.get(backend, backend)} arrays"]
    parts += [
        _machine(record.machine)
        for record in records
        if any(row.backend == backend for row in record.rows)
    ]
    for grid, rows in _sections(records, backend):
        parts += [f"## {grid.capitalize()}", GRIDS[grid].about]
        parts.append(markdown(verdicts(statements(rows, grid, backend))))
        if grid in pictures:
            parts.append(f"![{grid}]({pictures[grid]})")
        parts += [markdown(detail(grid, rows, is_whole=True)), *_declined(rows)]
    return "\n\n".join(parts) + "\n"


def markdown(table: Table) -> str:
    """A table in Markdown.

    Parameters
    ----------
    table : Table

    Returns
    -------
    str
    """
    rule = ["---", *("---:" for _ in table.head[1:])]
    lines = [table.head, rule, *table.body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sections(records: Sequence[Record], backend: str) -> Iterator[tuple[str, list[Row]]]:
    """The grids that were measured, in their order, with their rows."""
    rows = [row for record in records for row in record.rows if row.backend == backend]
    for grid in GRIDS:
        own = [row for row in rows if row.grid == grid]
        if own:
            yield grid, own


def _draw(records: Sequence[Record], backend: str, folder: Path) -> dict[str, str]:
    """Draw what can be drawn into a folder; the names of the files, by grid."""
    from .plots import PLOTS, save  # which need matplotlib

    found = {}
    for grid, rows in _sections(records, backend):
        if grid in PLOTS and any(row.chosen for row in rows):
            found[grid] = f"{backend}-{grid}.svg"
            save(PLOTS[grid](rows), folder / found[grid])
    return found


def _machine(said: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in said["packages"].items())
    where = ", ".join([said.get("device", ""), *said.get("accelerators", ())])
    arrays = f"; arrays on {where}" if where else ""
    load = "" if said["load"] is None else f" (load {said['load']:.1f} before)"
    return (
        f"Measured from {said['started']} on: {said['processor']}, {said['cores']} cores{load}"
        f"{arrays}; Python {said['python']}, convcore {said['convcore']}, {packages}."
    )


def _declined(rows: Sequence[Row]) -> list[str]:
    """Who was not timed, and why, each reason once."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, why in row.declined.items():
            found.setdefault((name, why), []).append(row.case)
    listed = [f"- {name}, {'; '.join(cases)}: {why}" for (name, why), cases in found.items()]
    return ["Not timed:\n\n" + "\n".join(listed)] if listed else []


if __name__ == "__main__":
    sys.exit(main())
