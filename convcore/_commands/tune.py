"""``convcore tune``: measure the engines on this machine, in a process of its own."""

import argparse
import subprocess
import sys
from importlib.util import find_spec

from convcore._tuning import ENVIRONMENT, tuning_file

__all__ = ["add", "run"]

_PACKAGE = "convcore_benchmarks"
_NEEDS = (_PACKAGE, "rich")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what may be asked."""
    parser = commands.add_parser(
        "tune",
        help="measure the engines on this machine, for better choices",
        epilog=f"The file is read when a process plans its first call; {ENVIRONMENT} names another "
        "one, or none where it is empty.",
    )
    parser.add_argument(
        "--backend", nargs="+", default=["numpy"], metavar="NAME", help="numpy unless said"
    )
    parser.add_argument(
        "--device", metavar="DEVICE", help="where the arrays are to be, such as cuda:0"
    )
    parser.add_argument(
        "--count", type=int, default=100, metavar="N", help="problems to time; 100 unless said"
    )
    parser.add_argument(
        "--file", metavar="FILE", default=tuning_file(), help="where to write what was measured"
    )


def run(said: argparse.Namespace) -> int:
    """Measure and write; returns the exit status, which is 2 where it could not be done."""
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing or said.file is None:
        what = ", ".join(missing) or "platformdirs"
        print(f'convcore tune: {what} not found: pip install "convcore[bench]"', file=sys.stderr)
        return 2
    asked = ["--backend", *said.backend, "--count", str(said.count), "--file", str(said.file)]
    asked += [] if said.device is None else ["--device", said.device]
    command = [sys.executable, "-m", f"{_PACKAGE}.tune", *asked]
    return subprocess.run(command, check=False).returncode
