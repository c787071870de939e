"""The report: records of runs, read, merged, and written as JSON or as one HTML page.

``python -m convcore_conformance.report a.json b.json --out report.html`` makes one page of several
runs: of other backends, devices and machines.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ._page import html
from ._summary import Record, summary

__all__ = ["main", "page", "read", "write"]


def page(records: Iterable[Record]) -> str:
    """Give one page about several runs, that needs nothing beside it.

    Parameters
    ----------
    records : iterable of mapping
        One for each run, as `read` gives them.

    Returns
    -------
    str
        HTML.
    """
    return html(summary(records))


def read(path: Path) -> list[Record]:
    """Give the records that a file holds: the one of a run, or those that were merged.

    Parameters
    ----------
    path : Path
        As ``--convcore-report`` and `write` make it.

    Returns
    -------
    list of mapping
        One for each run.

    Raises
    ------
    ValueError
        For a file that holds no records, by its name.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error
    records = found if isinstance(found, list) else [found]
    if not all(isinstance(r, dict) and {"run", "tests"} <= r.keys() for r in records):
        raise ValueError(f"{path} holds no record of a run; --convcore-report {path} writes one")
    return records


def write(records: Sequence[Record], path: Path) -> None:
    """Write records as JSON, or the page about them.

    Parameters
    ----------
    records : sequence of mapping
        One for each run.
    path : Path
        Its suffix says which: ``.json`` or ``.html``.
    """
    if path.suffix == ".html":
        text = page(records)
    else:
        text = json.dumps(records[0] if len(records) == 1 else list(records), indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Merge records into one.

    Parameters
    ----------
    arguments : sequence of str or None
        Of the command line; this process's unless said.

    Returns
    -------
    int
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m convcore_conformance.report",
        description="Merge the records of several runs into one page, or into one record.",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="FILE.json")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help=".html or .json")
    said = parser.parse_args(arguments)
    if said.out.suffix not in (".html", ".json"):
        parser.error(f"argument --out: {said.out}: allowed is a name in .html or .json")
    try:
        records = [record for path in said.records for record in read(path)]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    write(records, said.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
