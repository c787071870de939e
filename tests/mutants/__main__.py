"""Try every mutant on the conformance suite, and write the table of which test caught which.

Every mutant runs in a process of its own, the tests that cite its clauses first. It is caught if
one of them fails. It fails the run if none does, or if only another test fails: then the suite
has a hole, to be closed by a case and never by a milder mutant.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from itertools import repeat
from pathlib import Path
from typing import Any

from .rows import MUTANTS
from .spoil import Mutant

_HERE = Path(__file__).parents[1]
_LIMIT = 900.0
# What a hundred starts of pytest can do without; and without the project's own options.
_LEAN = ("-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=")


_HEAD = """\
# What the conformance suite catches

A suite that passes proves something only if it fails where it should. Each row is a backend that is
wrong on purpose, in one way that a real author might be, and the first test of the suite that
caught it by one of the clauses it breaks: {caught} of {all}. The backend that they all spoil passes
the whole suite. `nox -s mutants` makes this page.

| backend | what is wrong | first caught by | clauses of that test |
| --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    mutant: str
    wrong: str
    outcome: str
    test: str
    clauses: tuple[str, ...]
    seconds: float

    def line(self) -> str:
        """One line of the table."""
        said = f"{self.test}  ({', '.join(self.clauses)})" if self.test else ""
        return f"{self.mutant:32} {self.outcome:10} {self.seconds:6.1f} s  {said}"


def main() -> int:
    """Run the loopback, then the mutants that are named, or all."""
    said = _arguments()
    names = said.mutants or list(MUTANTS)
    verdicts = [] if said.mutants else [_printed(_loopback())]
    with ThreadPoolExecutor(said.jobs) as pool:
        tried = pool.map(_tried, [MUTANTS[name] for name in names], repeat(said.brief))
        verdicts += [_printed(verdict) for verdict in tried]
    missed = [v for v in verdicts if v.outcome not in ("caught", "passed")]
    print(f"{len(names) - len(missed)} of {len(names)} mutants caught")
    if said.json:
        said.json.write_text(json.dumps([asdict(v) for v in verdicts], indent=1))
    if said.page:
        said.page.write_text(_page([v for v in verdicts if v.mutant != "loopback"]))
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("mutants", nargs="*", metavar="MUTANT", help="only these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there as well")
    parser.add_argument("--page", type=Path, metavar="FILE", help="and there, in Markdown")
    parser.add_argument("--brief", action="store_true", help="do not look who else may fail")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once")
    said = parser.parse_args()
    if unknown := set(said.mutants) - set(MUTANTS):
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    return said


def _printed(verdict: Verdict) -> Verdict:
    print(verdict.line(), flush=True)
    return verdict


def _page(verdicts: list[Verdict]) -> str:
    caught = sum(verdict.outcome == "caught" for verdict in verdicts)
    return "\n".join([_HEAD.format(caught=caught, all=len(verdicts)), *map(_row, verdicts), ""])


def _row(verdict: Verdict) -> str:
    test = f"`{verdict.test}`".replace("|", "\\|") if verdict.test else verdict.outcome
    return f"| {verdict.mutant} | {verdict.wrong} | {test} | {', '.join(verdict.clauses)} |"


def _loopback() -> Verdict:
    """The loopback itself must pass the whole suite."""
    seconds, code, failed = _suite("loopback")
    if code == 0:
        return Verdict("loopback", "nothing", "passed", "", (), seconds)
    first = failed[0] if failed else {"test": f"exit status {code}", "clauses": ()}
    return Verdict("loopback", "nothing", "failed", first["test"], tuple(first["clauses"]), seconds)


def _tried(mutant: Mutant, brief: bool) -> Verdict:
    said = ("--mutant", mutant.name, "-x")
    seconds, code, failed = _suite(mutant.name, *said, "--cited-only")
    if not failed and not brief:
        more, code, failed = _suite(mutant.name, *said)
        seconds += more
    outcome, test, clauses = "survived", "", ()
    if failed:
        test, clauses = failed[0]["test"], tuple(failed[0]["clauses"])
        outcome = "caught" if set(clauses) & set(mutant.clauses) else "elsewhere"
    elif code not in (0, 5):  # 5: no test cites its clauses
        outcome, test = "failed", f"exit status {code}"
    return Verdict(mutant.name, mutant.wrong, outcome, test, clauses, seconds)


def _suite(backend: str, *options: str) -> tuple[float, int, list[dict[str, Any]]]:
    """Run the suite; give its time, exit status and failed tests, the first one first."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pytest", *_LEAN, "-p", "mutants.plugin"]
        command += ["--pyargs", "convcore_conformance", "--convcore-backend", backend]
        command += ["--convcore-level", "quick", "--convcore-report", str(report), *options]
        code = _status(command)
        found = json.loads(report.read_text()) if report.exists() else {"tests": []}
    failed = [test for test in found["tests"] if test["outcome"] == "failed"]
    return round(time.monotonic() - started, 1), code, failed


def _status(command: list[str]) -> int:
    """The exit status; 124 where the time was not enough, as with timeout(1)."""
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        done = subprocess.run(
            command, cwd=_HERE, env=_environment(), timeout=_LIMIT, check=False, **quiet
        )
    except subprocess.TimeoutExpired:
        return 124
    return done.returncode


def _environment() -> dict[str, str]:
    """One thread, and no library loaded that is not judged."""
    others = {point.name for point in entry_points(group="convcore.backends")} - {"numpy"}
    own = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **own, "CONVCORE_DISABLE_PLUGINS": ",".join(sorted(others))}


if __name__ == "__main__":
    sys.exit(main())
