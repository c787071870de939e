"""What `convcore tune` measured on this machine: factors on the costs that backends predict.

Read once, when the first call is planned. Whatever the file says, it changes no more than which of
the candidates that serve a call is taken for the fastest.
"""

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import Any

from convcore._backend import Backend, Candidate
from convcore._problem import ConvProblem
from convcore._typing import Device

__all__ = [
    "ENVIRONMENT",
    "factors_in",
    "forget_tuning",
    "offered",
    "platform",
    "tuned",
    "tuning_file",
]

ENVIRONMENT = "CONVCORE_TUNING"
"""The variable that names the file; empty for none."""


def tuning_file() -> Path | None:
    """Where the factors are kept: the file named by the environment, or the user's cache folder's.

    Returns
    -------
    Path or None
        None where the environment says so, or platformdirs, which finds that folder, is missing.
    """
    said = os.environ.get(ENVIRONMENT)
    if said is not None:
        return Path(said) if said else None
    if not find_spec("platformdirs"):
        return None
    import platformdirs

    return platformdirs.user_cache_path("convcore") / "tuning.json"


def offered(backend: Backend, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
    """The candidates of a backend, with the times that are to be expected on this machine."""
    found = backend.methods(problem, device)
    return tuned(backend.name, platform(device), problem.accumulator, found)


def platform(device: Device) -> str:
    """The kind of a device: "cuda" for "cuda:0", "cpu" where the library has only one."""
    return "cpu" if device is None else str(device).partition(":")[0]


def tuned(
    backend: str, kind: str, dtype: str, candidates: Iterable[Candidate]
) -> tuple[Candidate, ...]:
    """Candidates at what this machine needs for them.

    Parameters
    ----------
    backend : str
    kind : str
        The platform that they run on.
    dtype : str
        Of their sums.
    candidates : iterable of Candidate
    """
    known = _factors().get(backend, {}).get(kind, {})
    if not known:
        return tuple(candidates)
    return tuple(
        c._replace(seconds=c.seconds * known.get(c.name, {}).get(dtype, 1)) for c in candidates
    )


def forget_tuning() -> None:
    """Read the file anew when it is next asked for."""
    _factors.cache_clear()


@cache
def _factors() -> Mapping[str, Any]:
    path = tuning_file()
    return {} if path is None else factors_in(path)


def factors_in(path: Path) -> Mapping[str, Any]:
    """Factors by backend, platform, engine and dtype; none, and a warning, of a broken file."""
    if not path.exists():
        return {}
    try:
        return _checked(json.loads(path.read_text(encoding="utf-8"))["factors"])
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"{path} is no tuning file of convcore ({error!r}) and is not used: "
        warnings.warn(f"{what}delete it, or run `convcore tune` again", stacklevel=2)
        return {}


def _checked(factors: Any) -> Mapping[str, Any]:
    for kinds in factors.values():
        for engines in kinds.values():
            for dtypes in engines.values():
                if not all(isinstance(f, int | float) and 0 < f < inf for f in dtypes.values()):
                    raise ValueError(f"{dtypes} are not positive numbers")
    return factors  # type: ignore[no-any-return]
