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
SHAPES = dict.fromkeys(("taps", "taps_by_four", "dots", "gemm"), "Geometry")
SHAPES["products"] = "Products"
# Under sanitizers, which the environment asks for, every error ends the process.
SANITIZE = os.environ.get("CUDA_ON_CPU_SANITIZE", "").split()
FLAGS = ["-std=c++17", "-O0", "-fPIC", "-I", str(HERE), *SANITIZE]
STRICT = ["-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"]


@cache
def _folder():
    """A folder of this process for what it compiles."""
    return tempfile.TemporaryDirectory(prefix="cuda_on_cpu_")


def _compiled(name, *arguments):
    built = Path(_folder().name) / name
    command = [GCC, *FLAGS, "-o", str(built), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return str(built)


@cache
def _threads():
    """What runs a kernel's threads, compiled once."""
    return _compiled("threads.o", "-c", str(HERE / "cuda_on_cpu.cpp"))


@cache
def library(source):
    """Kernel source as a loaded library of launchers."""
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    unit = Path(_folder().name) / f"{name}.cpp"
    launchers = [f"LAUNCHER({kernel}, {shape})" for kernel, shape in SHAPES.items()]
    unit.write_text("\n".join(['#include "cuda_on_cpu.h"', source, *launchers]))
    return ctypes.CDLL(_compiled(f"{name}.so", "-shared", *STRICT, str(unit), _threads()))


def launch(source, kernel, grid, block, arguments, *, backwards=False):
    """Run a kernel.

    Arguments are what the device's launcher takes: an address for each pointer, or (for a value)
    the bytes themselves, as a NumPy array of one element.
    """
    call = getattr(library(source), f"launch_{kernel}")
    boxes = [ctypes.c_void_p(a) if isinstance(a, int) else a for a in arguments]
    places = [
        ctypes.addressof(a) if isinstance(a, ctypes.c_void_p) else a.__array_interface__["data"][0]
        for a in boxes
    ]
    sizes = [(ctypes.c_uint * 3)(*n, *(1,) * (3 - len(n))) for n in (grid, block)]
    call(*sizes, (ctypes.c_void_p * len(places))(*places), int(backwards))
