"""Compile every instantiation of CuPy's kernels, and validate cuDNN's graphs, without a device.

``python tests/ahead_of_time/cupy_kernels.py``, with CuPy and NVRTC installed; where nvcc or
nvidia-cudnn-frontend is not, it says that they are skipped. Nothing runs on a device: it is shown
that kernels compile and that graphs are well-formed, and not that anything computes.
"""

import argparse
import ctypes
import importlib.metadata
import importlib.util
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import convcore

MOST_SECONDS = 60
DTYPES = ("int8", "int16", "int32", "int64", "float32", "float64", "complex64", "complex128")
RANKS = (0, 1, 2, 3, 4)
ARCHITECTURES = (90, 75, 80, 120)  # Turing's, 75, is the oldest that CUDA 13 compiles for
FEW = ((0, 32), (2, 32))
"""Ranks and widths of offsets that are compiled for more than the first architecture."""
# As CuPy compiles, to which it adds that float32 be flushed; the kernels must not heed that.
OPTIONS = ("-std=c++17", "--device-as-default-execution-space", "-ftz=true")


class Row(NamedTuple):
    compiler: str
    dtype: str
    rank: int
    offsets: int
    architecture: int
    seconds: float
    fault: str


def by_nvrtc(source, architecture):
    """What is wrong with a source, if anything is."""
    from cupy.cuda import nvrtc

    program = nvrtc.createProgram(source, "kernels.cu", (), ())
    try:
        nvrtc.compileProgram(program, (*OPTIONS, f"-arch=sm_{architecture}"))
        machine, assembly = nvrtc.getCUBIN(program), nvrtc.getPTX(program)
        text = assembly if isinstance(assembly, str) else assembly.decode()
    except nvrtc.NVRTCError:
        return nvrtc.getProgramLog(program).strip()
    finally:
        nvrtc.destroyProgram(program)
    return fault_of(text) if machine else "there is no machine code"


def by_nvcc(source, architecture):
    options = [option for option in OPTIONS if "space" not in option]
    with tempfile.TemporaryDirectory() as folder:
        unit, built = Path(folder) / "kernels.cu", Path(folder) / "kernels.cubin"
        unit.write_text(source)
        command = ["nvcc", "-cubin", f"-arch=sm_{architecture}", *options, "-o", built, unit]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stderr.strip() if done.returncode or done.stderr else ""


def fault_of(assembly):
    from convcore_cupy._source import KERNELS

    missing = [name for name in KERNELS if f".entry {name}(" not in assembly]
    if missing:
        return f"there is no kernel {', '.join(missing)}"
    return "an operation flushes subnormals" if ".ftz" in assembly else ""


def compiled(compilers, architectures):
    """One row for each compiler, dtype, rank, width of offsets and architecture."""
    from convcore_cupy._source import kernel_source

    every = tuple(itertools.product(RANKS, (32, 64)))
    jobs = [
        (name, dtype, *size, architecture)
        for name, architecture in itertools.product(compilers, architectures)
        for size in (every if (name, architecture) == ("nvrtc", architectures[0]) else FEW)
        for dtype in DTYPES
    ]
    for name, dtype, rank, offsets, architecture in jobs:
        begun = time.perf_counter()
        fault = compilers[name](kernel_source(dtype, rank, offsets == 64), architecture)
        seconds = time.perf_counter() - begun
        if seconds > MOST_SECONDS:
            fault = fault or f"took longer than {MOST_SECONDS} s"
        yield Row(name, dtype, rank, offsets, architecture, seconds, fault)


GRAPHS = [
    ("conv", [(8, 64, 56, 56), (64, 64, 3, 3)], {"padding": 1}),
    ("conv", [(8, 64, 56, 56), (64, 16, 3, 3)], {"padding": "same", "stride": 2, "groups": 4}),
    ("conv", [(8, 56, 56, 64), (3, 3, 64, 32)], {"layout": "channels_last"}),
    ("conv", [(2, 3, 40), (5, 3, 7)], {"padding": [(2, 5)], "dilation": 3}),
    ("conv", [(2, 4, 9, 10, 11), (6, 4, 3, 2, 1)], {"padding": [(1, 0), (0, 2), 0]}),
    ("conv", [(8, 32, 28, 28), (32, 1, 5, 5)], {"padding": 2, "groups": 32}),
    ("conv_transpose", [(8, 64, 28, 28), (64, 32, 4, 4)], {"stride": 2, "padding": 1}),
    ("conv_transpose", [(2, 4, 9), (4, 3, 5)], {"stride": 3, "output_padding": 2, "groups": 2}),
    ("conv_input_grad", [(8, 64, 57, 57), (64, 64, 3, 3), (8, 64, 28, 28)], {"stride": 2}),
    ("conv_weight_grad", [(8, 64, 57, 57), (64, 64, 3, 3), (8, 64, 28, 28)], {"stride": 2}),
]
FLOATS = ("float16", "bfloat16", "float32", "float64")


def calls():
    """The calls of cuDNN that the table makes, each with a name; with a bias where there may be."""
    from convcore_cupy._calls import as_call

    for (op, shapes, options), dtype in itertools.product(GRAPHS, FLOATS):
        plain = dtype.replace("bfloat16", "float16")  # NumPy, whose plans these are, has no other
        shaped = {"conv_input_grad": 0, "conv_weight_grad": 1}.get(op)
        operands = [s if i == shaped else (s, plain) for i, s in enumerate(shapes)]
        for bias in [None, ((64,), plain)] if op == "conv" and shapes[1][0] == 64 else [None]:
            extra = {} if bias is None else {"bias": bias}
            call = as_call(convcore.plan(op, *operands, **extra, **options).problem)
            assert call is not None, f"{op} of {shapes} is none of cuDNN's"
            own = call._replace(dtype=dtype if call.dtype == plain else call.dtype)
            yield f"{op} {shapes}{' + bias' * bool(bias)}", own


def validated():
    """The name of each graph and what is wrong with it; nothing where graphs cannot be made."""
    from convcore_cupy._cudnn import declare

    for name, call in calls():
        fault = ""
        try:
            declare(call)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the row's fault
            fault = f"{type(error).__name__}: {error}"
        yield f"{name} {call.dtype} as {call.op}", fault


def report_compilers(architectures):
    compilers = {"nvrtc": by_nvrtc}
    if shutil.which("nvcc"):
        compilers["nvcc"] = by_nvcc
    else:
        print("nvcc: skipped, there is none on the path")
    faults, slowest, count = 0, 0.0, 0
    print("compiler  dtype       rank  offsets  sm   seconds")
    for row in compiled(compilers, architectures):
        line = f"{row.compiler:8}  {row.dtype:10}  {row.rank:4}  {row.offsets:7}  "
        print(f"{line}{row.architecture:3}  {row.seconds:7.2f}  {row.fault}", flush=True)
        faults, slowest, count = faults + bool(row.fault), max(slowest, row.seconds), count + 1
    print(f"{count} compiled, {faults} with faults; the slowest took {slowest:.2f} s")
    return faults


STAND_IN = """
#include <stddef.h>
size_t cudnnGetVersion(void) { return 92801; }
int cudnnCreate(void** handle) { *handle = NULL; return 0; }
int cudnnDestroy(void* handle) { return handle != NULL; }
"""


def load_stand_in(folder):
    """Load, in place of cuDNN, what has no more than a version: a frontend validates by itself."""
    source, built = Path(folder) / "cudnn.c", Path(folder) / "libcudnn.so.9"
    source.write_text(STAND_IN)
    options = ["-shared", "-fPIC", "-Wl,-soname,libcudnn.so.9"]
    subprocess.run(["gcc", *options, "-o", built, source], check=True)
    ctypes.CDLL(str(built))  # a library is found by the name it was loaded under


def report_graphs(folder):
    if importlib.util.find_spec("cudnn") is None:
        print("cuDNN: skipped, nvidia-cudnn-frontend is not installed")
        return 0
    probe = [sys.executable, "-c", "import cudnn; cudnn.backend_version()"]
    whole = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    if not whole and shutil.which("gcc") is None:
        print("cuDNN: skipped, there is no library of its, and no gcc to make a stand-in")
        return 0
    if not whole:
        load_stand_in(folder)
    rows = list(validated())
    for name, fault in rows:
        print(f"{name}: {fault or 'valid'}")
    faults = sum(bool(fault) for _, fault in rows)
    library = "with cuDNN" if whole else "with a stand-in for cuDNN"
    version = importlib.metadata.version("nvidia-cudnn-frontend")
    print(f"{len(rows)} graphs by frontend {version} {library}, {faults} with faults")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sm", type=int, nargs="+", default=ARCHITECTURES, metavar="NN")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return int(bool(report_graphs(folder) + report_compilers(said.sm)))


if __name__ == "__main__":
    sys.exit(main())
