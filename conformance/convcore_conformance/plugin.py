"""The suite's options of pytest, and the record of a run.

pytest loads this in every environment that the suite is installed in. So it imports neither
convcore nor NumPy, until the suite runs.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

__all__: list[str] = []

_RECORD = "convcore"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("convcore", "conformance of a backend of convcore")
    group.addoption(
        "--convcore-backend",
        metavar="NAME",
        default="",
        help="judge this backend; all that are installed unless said",
    )
    group.addoption(
        "--convcore-device",
        metavar="DEVICE",
        default="",
        help="run on this device of it, such as cuda:0; wherever its arrays are made unless said",
    )
    group.addoption(
        "--convcore-level",
        choices=("quick", "full"),
        default="full",
        help="quick: fewer random problems and dtypes",
    )
    group.addoption(
        "--convcore-report",
        metavar="FILE",
        default="",
        help="write what was found, as .json",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and record the run if a report is wanted."""
    config.addinivalue_line("markers", "clauses(*ids): clauses of the specification it shows")
    path = config.getoption("convcore_report")
    if not path:
        return
    if Path(path).suffix != ".json":
        raise pytest.UsageError(f"--convcore-report={path}: allowed is a name in .json")
    config.pluginmanager.register(_Recorder(Path(path), hasattr(config, "workerinput")))


class _Recorder:
    """One line for each test that cites a clause, in the process that reports."""

    def __init__(self, path: Path, is_worker: bool) -> None:
        self._path = path
        self._is_worker = is_worker
        self._started = time.time()
        self._tests: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send what only the process that runs the test knows along with its report."""
        report = yield
        clauses = [name for mark in item.iter_markers("clauses") for name in mark.args]
        if (clauses and report.when == "call") or report.outcome != "passed":
            subject = _subject(item)
            report.user_properties.append((_RECORD, {"clauses": clauses, "subject": subject}))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a test's outcome, and what its last phase knows of its errors."""
        known: dict[str, Any] = dict(report.user_properties)
        if _RECORD in known and known[_RECORD]["clauses"]:
            self._tests[report.nodeid] = {
                "test": report.nodeid.rpartition("/")[2],
                **known[_RECORD],
                "outcome": _outcome(report),
                "seconds": round(report.duration, 4),
                "text": _text(report),
            }
        if report.nodeid in self._tests and "worst" in known:
            self._tests[report.nodeid]["worst"] = known["worst"]

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        if self._is_worker:
            return
        found = {"run": self._run(), "tests": list(self._tests.values())}
        self._path.write_text(json.dumps(found, indent=1), encoding="utf-8")

    def _run(self) -> dict[str, Any]:
        """What ran, where and when."""
        import convcore

        backends = {
            name: {"version": info.version, "devices": info.devices, "reason": info.reason}
            for name, info in convcore.backends().items()
        }
        return {
            "convcore": convcore.__version__,
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}, {_processor()}",
            "command": " ".join(sys.argv[1:]),
            "started": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self._started)),
            "seconds": round(time.time() - self._started, 1),
            "backends": backends,
        }


def _subject(item: pytest.Item) -> dict[str, str]:
    """Which library a test judges; empty for one about the specification alone."""
    callspec = getattr(item, "callspec", None)
    library = callspec.params.get("library") if callspec else None
    if library is None:
        return {}
    return {"name": library.name, "backend": library.backend, "device": library.device}


def _outcome(report: pytest.TestReport) -> str:
    """One of passed, failed, gap and skipped."""
    if report.outcome == "skipped":
        return "gap" if hasattr(report, "wasxfail") else "skipped"
    return str(report.outcome)


def _text(report: pytest.TestReport) -> str:
    """Why it did not pass: the last words of a failure, the reason of a gap or a skip."""
    if report.outcome == "passed":
        return ""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    return report.longreprtext[-4000:]


def _processor() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or "unknown processor"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
