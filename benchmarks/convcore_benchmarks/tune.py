"""Measuring what the engines of a backend need on this machine, over what they predict."""

import argparse
import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track

import convcore
from convcore._tuning import ENVIRONMENT, factors_in, platform, tuning_file

from .grids.auto import problems
from .libraries import Library, library
from .machine import machine
from .measures import each_engine
from .processes import keep_memory, settle
from .timing import Effort

__all__ = ["Sample", "factors", "main", "written"]

_SEED, _EFFORT = 11, Effort(0.05, 5)
_FEWEST = 3  # samples that say something of an engine


class Sample(NamedTuple):
    """One engine on one problem.

    Attributes
    ----------
    backend, platform, engine, dtype : str
        Where it ran, and the dtype of its sums.
    measured, predicted : float
        Seconds.
    """

    backend: str
    platform: str
    engine: str
    dtype: str
    measured: float
    predicted: float


def factors(samples: Iterable[Sample]) -> dict[str, Any]:
    """The factor on each engine's predictions: the median of what was measured over them.

    Parameters
    ----------
    samples : iterable of Sample

    Returns
    -------
    dict
        By backend, platform, engine and dtype.
    """
    ratios: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for sample in samples:
        ratios[sample[:4]].append(math.log(sample.measured / sample.predicted))
    found: dict[str, Any] = {}
    for (backend, kind, engine, dtype), logs in ratios.items():
        if len(logs) >= _FEWEST:
            engines = found.setdefault(backend, {}).setdefault(kind, {})
            engines.setdefault(engine, {})[dtype] = float(f"{math.exp(median(logs)):.3g}")
    return found


def written(found: dict[str, Any], path: Path) -> None:
    """Write factors to a tuning file, beside those of other backends and platforms that it has.

    Parameters
    ----------
    found : dict
        As `factors` gives them.
    path : Path
    """
    every = dict(factors_in(path))
    for backend, kinds in found.items():
        every[backend] = {**every.get(backend, {}), **kinds}
    said = {"measured": str(date.today()), "machine": machine(), "factors": every}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _samples(where: Library, count: int, console: Console) -> Iterator[Sample]:
    cases = list(islice(problems(_SEED), count))
    for case in track(cases, where.name, console=console, transient=True):
        plan = convcore.plan(case.op, *map(where.array, case.arguments()), **case.options)
        row = each_engine("tune", case, where, _EFFORT)
        for candidate in (plan.chosen, *plan.rejected):
            if candidate.name in row.results:
                place = where.name, platform(plan.device), candidate.name
                measured = row.results[candidate.name].median
                yield Sample(*place, plan.problem.accumulator, measured, candidate.seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the tuning file.

    Parameters
    ----------
    arguments : sequence of str or None
        The command line.

    Returns
    -------
    int
        The exit status.
    """
    said = _parser().parse_args(arguments)
    console, path = Console(stderr=True), Path(said.file)
    os.environ[ENVIRONMENT] = ""  # what is measured is set beside the predictions as they are
    convcore.plugins.clear_caches()
    try:
        libraries = [library(name, said.device) for name in said.backend]
        keep_memory()
        samples = [s for where in libraries for s in _samples(where, said.count, console)]
    except (convcore.BackendError, convcore.DeviceError) as error:
        print(f"convcore tune: {error}", file=sys.stderr)
        return 2
    found = factors(samples)
    written(found, path)
    print(json.dumps(found, indent=1))
    print(f"written to {path}")
    return 0


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} problems; allowed is 1 or more")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("convcore tune")
    parser.add_argument("--backend", nargs="+", default=["numpy"])
    parser.add_argument("--device")
    parser.add_argument("--count", type=_positive, default=100)
    parser.add_argument("--file", default=tuning_file())
    return parser


if __name__ == "__main__":
    settle("convcore_benchmarks.tune", sys.argv[1:])
    sys.exit(main())
