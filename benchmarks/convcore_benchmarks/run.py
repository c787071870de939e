"""A run: the grids on the arrays asked for, shown as they are measured."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as RichTable

import convcore

from .grids import GRIDS, Grid
from .libraries import Library, library
from .limits import statements
from .machine import machine
from .processes import alone, keep_memory
from .record import Record, Row
from .tables import Table, detail, verdicts

__all__ = ["Asked", "run"]


class Asked(NamedTuple):
    """What a run is to measure.

    Attributes
    ----------
    backends, grids : sequence of str
    device : str
        Where the arrays are to be; wherever each backend makes them if nothing was said.
    selected : str
        A part of the names of the cases.
    threads : int
        The cores that this process has got for it; 0 if nothing was said.
    is_quick : bool
        Whether a rough figure will do.
    """

    backends: Sequence[str]
    grids: Sequence[str]
    device: str = ""
    selected: str = ""
    threads: int = 0
    is_quick: bool = False


def run(asked: Asked, console: Console) -> Iterator[Record]:
    """Measure, and print a table for each grid.

    Parameters
    ----------
    asked : Asked
    console : Console

    Yields
    ------
    Record
        All there is after each grid, so that what follows can be broken off.

    Raises
    ------
    BackendError, DeviceError
        For a backend that is not there, or a device that it does not have.
    """
    on, rows = machine(asked.device), list[Row]()
    libraries = [library(name, asked.device or None) for name in asked.backends]
    keep_memory()
    with convcore.use(threads=asked.threads or None):
        for where in libraries:
            for name in asked.grids:
                rows += _grid(GRIDS[name], where, asked, console)
                yield Record(on, tuple(rows))


def _grid(grid: Grid, where: Library, asked: Asked, console: Console) -> list[Row]:
    numbers = [n for n, case in enumerate(grid.cases) if asked.selected in case.name]
    rows = []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"{where.name}: {grid.name}", total=len(numbers))
        for row in _rows(grid, numbers, where, asked):
            rows.append(row)
            progress.update(task, advance=1, description=f"{where.name}: {row.case}")
    if rows:
        title = f"{grid.name}, on {where.name}'s arrays"
        console.print(_shown(detail(grid.name, rows), title))
        console.print(_shown(verdicts(statements(rows, grid.name, where.name)), ""))
    return rows


def _rows(grid: Grid, numbers: Sequence[int], where: Library, asked: Asked) -> Iterator[Row]:
    effort = grid.effort.quick() if asked.is_quick else grid.effort
    for number in numbers:
        case = grid.cases[number]
        if grid.is_alone or case.threads:
            threads = case.threads or asked.threads
            yield alone(grid.name, number, where.name, effort, threads, asked.device)
        else:
            yield grid.measure(grid.name, case, where, effort)


def _shown(table: Table, title: str) -> RichTable:
    shown = RichTable(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(table.head):
        shown.add_column(name, justify="right" if place else "left", no_wrap=place > 0)
    for line in table.body:
        shown.add_row(*line)
    return shown
