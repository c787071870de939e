"""Where a run was made, and how fast that multiplies matrices."""

import os
import platform
import shutil
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import convcore

from .libraries import Library
from .timing import Call

__all__ = ["cores", "gemm", "machine"]

_PACKAGES = ("numpy", "scipy", "torch", "jax", "jaxlib", "cupy-cuda13x", "ducc0")
_VARIABLES = ("OPENBLAS", "OMP", "MKL", "JAX", "XLA", "CONVCORE")
_ORDER = 1024
_CPUS = Path("/proc/cpuinfo")


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine(device: str = "") -> dict[str, Any]:
    """Say what a run is made on.

    Parameters
    ----------
    device : str
        Where the arrays are, if that was said.

    Returns
    -------
    dict
        For JSON.
    """
    return {
        "started": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": _processor(),
        "cores": cores(),
        "device": device,
        "accelerators": _accelerators() if device else [],
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "convcore": convcore.__version__,
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(_VARIABLES)},
    }


def gemm(dtype: str, where: Library) -> tuple[Call, int]:
    """A product of matrices that shows what the machine has to give.

    Parameters
    ----------
    dtype : str
        Of the elements; integers, for which nothing is tuned, are measured against float64.
    where : Library
        Whose product it is on a device; in main memory it is NumPy's for everyone.

    Returns
    -------
    call : callable
    flops : int
        Of one call.
    """
    wide = dtype if np.dtype(dtype).kind in "fc" else "float64"
    a, b = np.ones((2, _ORDER, _ORDER), wide)
    per_product = 8 if np.dtype(wide).kind == "c" else 2
    if where.device is None:
        return (lambda: a @ b), per_product * _ORDER**3
    lent = where.array(a), where.array(b)
    return where.awaited(lambda: lent[0] @ lent[1]), per_product * _ORDER**3


def _processor() -> str:
    lines = _CPUS.read_text().splitlines() if _CPUS.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _accelerators() -> list[str]:
    """The names of NVIDIA's devices, as their driver's tool lists them."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False)
    return listed.stdout.splitlines() if listed.returncode == 0 else []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
