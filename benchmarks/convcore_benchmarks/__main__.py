"""``python -m convcore_benchmarks``, which ``convcore bench`` starts."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import convcore

from .grids import GRIDS, USUAL
from .processes import settle
from .record import Row, write
from .run import Asked, run

__all__ = ["main"]

_WIDTH = 160  # of what is no terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for.

    Parameters
    ----------
    arguments : sequence of str or None
        The command line.

    Returns
    -------
    int
        The exit status: 1 where convcore was wrong somewhere, 2 where nothing could be measured.
    """
    said = _parser().parse_args(arguments)
    asked = Asked(said.backend, said.grid, said.device, said.select, said.threads, said.quick)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    rows: tuple[Row, ...] = ()
    try:
        for record in run(asked, console):
            rows = record.rows
            if said.json:
                write(record, said.json)
    except (convcore.BackendError, convcore.DeviceError) as error:
        print(f"convcore bench: {error}", file=sys.stderr)
        return 2
    if not rows:
        where = f"no case of {', '.join(said.grid)} has {said.select!r} in its name"
        print(f"convcore bench: {where}", file=sys.stderr)
        return 2
    return _faults(rows)


def _faults(rows: Sequence[Row]) -> int:
    """Print what convcore could not do or did wrong."""
    wrong = [row for row in rows if not row.chosen and row.grid != "memory"]
    for row in wrong:
        print(f"convcore bench: {row.backend}, {row.case}: {dict(row.declined)}", file=sys.stderr)
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("convcore bench")
    parser.add_argument("--backend", nargs="+", default=["numpy"])
    parser.add_argument("--grid", nargs="+", choices=GRIDS, default=USUAL)
    parser.add_argument("--device", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("-k", dest="select", default="")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--quick", action="store_true")
    return parser


if __name__ == "__main__":
    settle("convcore_benchmarks", sys.argv[1:], _parser().parse_args().threads)
    sys.exit(main())
