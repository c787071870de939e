"""The suite's options of pytest, and the record of a run.

pytest loads this in every environment that the suite is installed in. So it imports neither
convcore nor NumPy, until the suite runs.
"""

from __future__ import annotations

from pathlib import PurePath

import pytest

__all__: list[str] = []

_KINDS = (".html", ".json")


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
        help="write what was found, as .html to read or as .json to merge",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and record the run if a report is wanted."""
    config.addinivalue_line("markers", "clauses(*ids): clauses of the specification it shows")
    path = config.getoption("convcore_report")
    if not path:
        return
    if PurePath(path).suffix not in _KINDS:
        allowed = " or ".join(_KINDS)
        raise pytest.UsageError(f"--convcore-report={path}: allowed is a name in {allowed}")
    from ._recorder import Recorder

    config.pluginmanager.register(Recorder(config))
