"""CUDA kernels compiled by g++ and run on the CPU, through cuda_on_cpu.h."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

GCC = shutil.which("g++")
needs_gcc = pytest.mark.skipif(GCC is None, reason="there is no g++ to run the kernels on the CPU")

HERE = Path(__file__).parent
# The launchers of kernels.cu: each kernel with the class of its last argument.
SHAPES = {"taps": "Geometry", "dots": "Geometry", "gemm": "Geometry", "products": "Products"}
# Under sanitizers, which the environment asks for, every error ends the process.
SANITIZE = os.environ.get("CUDA_ON_CPU_SANITIZE", "").split()
FLAGS = ["-std=c++17", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
FLAGS += ["-Wno-unknown-pragmas", *SANITIZE]


@cache
def _folder():
    """A folder of this process for what it compiles."""
    return tempfile.TemporaryDirectory(prefix="cuda_on_cpu_")


@cache
def library(source):
    """Kernel source as a loaded library of launchers."""
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    unit = Path(_folder().name) / f"{name}.cpp"
    launchers = [f"LAUNCHER({kernel}, {shape})" for kernel, shape in SHAPES.items()]
    head = f'#include "{HERE / "cuda_on_cpu.h"}"'
    unit.write_text("\n".join([head, source, *launchers]))
    built = unit.with_suffix(".so")
    done = subprocess.run(
        [GCC, *FLAGS, "-o", str(built), str(unit)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(built))


def launch(source, kernel, grid, block, arguments, *, backwards=False):
    """Run a kernel.

    Arguments are what the device's launcher takes: an address for each pointer, or (for a value)
    the bytes themselves, as a NumPy array of one element.
    """
    call = getattr(library(source), f"launch_{kernel}")
    boxes = [a if not isinstance(a, int) else ctypes.c_void_p(a) for a in arguments]
    places = [
        a.__array_interface__["data"][0] if hasattr(a, "__array_interface__") else ctypes.addressof(a)
        for a in boxes
    ]
    sizes = [(ctypes.c_uint * 3)(*n, *(1,) * (3 - len(n))) for n in (grid, block)]
    call(*sizes, (ctypes.c_void_p * len(places))(*places), int(backwards))
