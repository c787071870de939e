"""Peak resident memory beyond operands and result: ``python benchmarks/bench_memory.py``.

Each case runs in a process of its own, which resets the kernel's high-water mark before the call
(Linux only). The bounds are those of docs/performance.md: 64 MiB and once the operands and result
for direct, overlap_add and auto, six times for fft.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import convcore

MIB = 2**20
CASES = [
    ("convolve", (4096, 4096), (3, 3), {"mode": "same"}),
    ("convolve", (4096, 4096), (15, 15), {"mode": "same"}),
    ("convolve", (4096, 4096), (63, 63), {"mode": "same"}),
    ("conv", (8, 64, 128, 128), (64, 64, 3, 3), {"padding": 1}),
]
METHODS = ("direct", "overlap_add", "fft", "auto")


def main() -> None:
    print("| case | method | engine | s | beyond (MiB) | bound (MiB) | |")
    print("| --- | --- | --- | ---: | ---: | ---: | --- |", flush=True)
    for index in range(len(CASES)):
        for method in METHODS:
            subprocess.run([sys.executable, __file__, str(index), method], check=True)


def measure(index: int, method: str) -> None:
    """One case in this process."""
    op, size, taps, options = CASES[index]
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape, dtype=np.float32) for shape in (size, taps))
    plan = convcore.plan(op, x, w, method=method, **options)
    small = tuple(min(n, 64) for n in size)
    convcore.plan(op, (small, "float32"), w, method=method, **options)(
        x[tuple(map(slice, small))], w
    )
    Path("/proc/self/clear_refs").write_text("5")  # high-water mark := what is resident now
    before, start = _status("VmRSS"), time.perf_counter()
    y = plan(x, w)
    seconds = time.perf_counter() - start
    beyond = (_status("VmHWM") - before - y.nbytes) / MIB
    bound = 64 + (6 if plan.method == "fft" else 1) * plan.bytes / MIB
    verdict = "" if beyond <= bound else "exceeded"
    shape = "x".join(map(str, size)) + " * " + "x".join(map(str, taps))
    print(
        f"| {op} {shape} | {method} | {plan.chosen.name} | {seconds:.2f} | {beyond:.0f} "
        f"| {bound:.0f} | {verdict} |"
    )


def _status(field: str) -> int:
    """A figure of this process's status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(int(sys.argv[1]), sys.argv[2])
    else:
        main()
