"""``convcore conformance``: judge backends by the conformance suite, in a process of its own."""

import argparse
import subprocess
import sys
from importlib.util import find_spec

import convcore
from convcore._backend import ARRAY_API

__all__ = ["add", "run"]

_SUITE = "convcore_conformance"
_NEEDS = (_SUITE, "array_api_strict", "hypothesis", "ml_dtypes", "pytest")
_LEVELS = ("quick", "full")
_REPORTS = (".html", ".json")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what may be asked."""
    parser = commands.add_parser(
        "conformance",
        help="judge a backend, clause by clause",
        epilog="example: convcore conformance --backend torch --device cuda:0 "
        "--report report.html -- -k convolve -x",
    )
    parser.add_argument("--backend", metavar="NAME", help="all that are installed unless said")
    parser.add_argument("--device", metavar="DEV", help="a device of that backend, such as cuda:0")
    parser.add_argument("--level", choices=_LEVELS, help="full unless said")
    parser.add_argument("--report", metavar="FILE", help="a page (.html) or a record (.json)")
    parser.add_argument("pytest", nargs="*", metavar="-- ARG", help="arguments of pytest")


def run(said: argparse.Namespace) -> int:
    """Run the suite; returns pytest's exit status, or 2 where it could not be run."""
    fault = _fault(said)
    if fault:
        print(f"convcore conformance: {fault}", file=sys.stderr)
        return 2
    names = ("backend", "device", "level", "report")
    options = {name: getattr(said, name) for name in names if getattr(said, name)}
    chosen = [f"--convcore-{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "pytest", "--pyargs", _SUITE, *chosen, *said.pytest]
    return subprocess.run(command, check=False).returncode


def _fault(said: argparse.Namespace) -> str:
    """Why the suite cannot be run; empty if it can."""
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        return f'{", ".join(missing)} not found: pip install "convcore[conformance]"'
    if said.report and not said.report.endswith(_REPORTS):
        return f"--report={said.report}: allowed is a name in {' or '.join(_REPORTS)}"
    if said.device and not said.backend:
        return f"--device={said.device} needs --backend: a device is one of a backend's"
    return _unknown(said.backend, said.device) if said.backend else ""


def _unknown(backend: str, device: str | None) -> str:
    known = {name: info for name, info in convcore.backends().items() if name != ARRAY_API}
    if backend not in known or not known[backend].available:
        why = f"unavailable: {known[backend].reason}" if backend in known else "not registered"
        able = ", ".join(name for name, info in known.items() if info.available)
        return f"--backend={backend} is {why}; allowed are {able}"
    devices = known[backend].devices
    if device and devices and device not in {*devices, *(d.partition(":")[0] for d in devices)}:
        return f"--device={device} is none that {backend} sees; allowed are {', '.join(devices)}"
    return ""
