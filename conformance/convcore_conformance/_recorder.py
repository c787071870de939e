"""The record of a run: where it ran, and what came of every test that cites a clause."""

from __future__ import annotations

import platform
import shutil
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any

import pytest

__all__ = ["Recorder"]

_KEY = "convcore"
_LONGEST = 4000
"""What is kept of a message, in characters: its end, where the notes are."""


class Recorder:
    """One entry for each test that cites a clause, or that failed, in the process that reports.

    Parameters
    ----------
    config : pytest.Config
        Of a run that a report is wanted of.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._started = time.time()
        self._tests: dict[str, dict[str, Any]] = {}
        self._errors: list[dict[str, str]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send what only the process that runs the test knows along with its report."""
        report = yield
        clauses = [name for mark in item.iter_markers("clauses") for name in mark.args]
        if report.when == "call" or report.outcome != "passed":
            known = {"clauses": clauses, "subject": _subject(item)}
            if report.outcome == "failed" and call.excinfo:
                known["notes"] = [note[-_LONGEST:] for note in _notes(call.excinfo.value)]
            report.user_properties.append((_KEY, known))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a test's outcome, and what its last phase knows of its errors."""
        known: dict[str, Any] = dict(report.user_properties)
        own = known.get(_KEY, {})
        if own.get("clauses") or (own and report.outcome == "failed"):
            self._tests[report.nodeid] = {
                "test": _name(report.nodeid),
                **own,
                "outcome": _outcome(report),
                "seconds": round(report.duration, 4),
                "text": _text(report),
            }
        if report.nodeid in self._tests and "worst" in known:
            self._tests[report.nodeid]["worst"] = known["worst"]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not even be collected."""
        if report.failed:
            text = report.longreprtext[-_LONGEST:]
            self._errors.append({"where": _name(report.nodeid), "text": text})

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the report, from the process that has heard of every test."""
        if hasattr(self._config, "workerinput"):
            return
        from . import report

        run = {**self._run(), "exit": int(exitstatus), "errors": self._errors}
        record = {"run": run, "tests": list(self._tests.values())}
        report.write([record], Path(self._config.getoption("convcore_report")))

    def _run(self) -> dict[str, Any]:
        """What ran, where and when."""
        import convcore

        registered = {name: _known(info) for name, info in convcore.backends().items()}
        return {
            "convcore": convcore.__version__,
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}, {_processor()}",
            "accelerators": _accelerators(),
            "command": " ".join(_arguments(self._config)),
            "level": self._config.getoption("convcore_level"),
            "started": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self._started)),
            "seconds": round(time.time() - self._started, 1),
            "backends": {**self._unregistered(), **registered},
        }

    def _unregistered(self) -> dict[str, dict[str, str]]:
        """Give the versions of libraries that the portable algorithms serve without a backend."""
        names = {test["subject"].get("backend", "") for test in self._tests.values()}
        found = {}
        for name in sorted(names - {""}):
            with suppress(PackageNotFoundError):
                found[name] = {"version": version(name), "reason": ""}
        return found


def _known(info: Any) -> dict[str, Any]:
    """Give what a backend says of itself."""
    if info.capabilities is None:
        return {"version": "", "reason": info.reason}
    can = info.capabilities._asdict()
    return {**can, "gaps": [gap._asdict() for gap in info.capabilities.gaps], "reason": ""}


def _subject(item: pytest.Item) -> dict[str, str]:
    """Which library a test judges; empty for one about the specification alone."""
    callspec = getattr(item, "callspec", None)
    library = callspec.params.get("library") if callspec else None
    if library is None:
        return {}
    return {"name": library.name, "backend": library.backend, "device": library.device}


def _notes(error: BaseException) -> Iterator[str]:
    """Give the notes of an error and of those it groups: calls, and hypothesis's examples."""
    yield from getattr(error, "__notes__", ())
    for inner in getattr(error, "exceptions", ()):
        yield from _notes(inner)


def _name(nodeid: str) -> str:
    """``test_values.py::test_case[...]``, wherever the file lies."""
    path, colons, name = nodeid.partition("::")
    return f"{PurePath(path).name}{colons}{name}"


def _outcome(report: pytest.TestReport) -> str:
    """One of passed, failed, gap and skipped."""
    if report.outcome == "skipped":
        return "gap" if hasattr(report, "wasxfail") else "skipped"
    return str(report.outcome)


def _text(report: pytest.TestReport) -> str:
    """Why it did not pass: the message of a failure, the reason of a gap or a skip."""
    if report.outcome == "passed":
        return ""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longreprtext)[-_LONGEST:]


def _arguments(config: pytest.Config) -> Iterator[str]:
    """Give the arguments of the command line, without where things lie on this machine."""
    for word in map(str, config.invocation_params.args):
        option, equals, value = word.rpartition("=")
        path = PurePath(value)
        yield f"{option}{equals}{path.name if path.is_absolute() else value}"


def _processor() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or "unknown processor"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _accelerators() -> list[str]:
    """Give the names of NVIDIA's GPUs, as the driver's own tool lists them."""
    tool = shutil.which("nvidia-smi")
    if not tool:
        return []
    asked = [tool, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return said.stdout.splitlines() if said.returncode == 0 else []
