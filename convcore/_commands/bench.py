"""``convcore bench``: time convcore beside its peers, in a process of its own."""

import argparse
import subprocess
import sys
from importlib.util import find_spec

__all__ = ["add", "run"]

_PACKAGE = "convcore_benchmarks"
_NEEDS = (_PACKAGE, "rich")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what may be asked."""
    parser = commands.add_parser(
        "bench",
        help="time convcore beside every installed peer",
        epilog="example: convcore bench --grid signal -k 1M --json signal.json; "
        "python -m convcore_benchmarks.pages signal.json --out FOLDER makes a page of it",
    )
    parser.add_argument(
        "--backend", nargs="+", metavar="NAME", help="whose arrays; numpy's unless said"
    )
    parser.add_argument(
        "--grid",
        nargs="+",
        metavar="GRID",
        help="signal, neural, tiny, memory, auto (these unless said), scaling, crossover",
    )
    parser.add_argument(
        "--device", metavar="DEVICE", help="where the arrays are to be, such as cuda:0"
    )
    parser.add_argument("--json", metavar="FILE", help="where to write every figure")
    parser.add_argument("-k", metavar="TEXT", help="only cases with this in their names")
    parser.add_argument("--threads", metavar="N", help="the cores for everyone; all unless said")
    parser.add_argument("--quick", action="store_true", help="rough figures, sooner")


def run(said: argparse.Namespace) -> int:
    """Measure; returns the exit status, which is 2 where it could not be done."""
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        what = ", ".join(missing)
        print(f'convcore bench: {what} not found: pip install "convcore[bench]"', file=sys.stderr)
        return 2
    return subprocess.run(
        [sys.executable, "-m", _PACKAGE, *_arguments(said)], check=False
    ).returncode


def _arguments(said: argparse.Namespace) -> list[str]:
    given = [("--backend", said.backend), ("--grid", said.grid), ("--device", said.device)]
    given += [("--json", said.json), ("-k", said.k), ("--threads", said.threads)]
    words = []
    for name, value in given:
        if value is not None:
            words += [name, *([value] if isinstance(value, str) else value)]
    return words + ["--quick"] * said.quick
