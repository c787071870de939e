"""convcore's methods beside scipy.signal's: ``python benchmarks/bench_signal.py``."""

import numpy as np
import scipy.signal
from _timing import interleaved

import convcore

CASES = [
    ("100k * 31", (100_000,), (31,)),
    ("1M * 1000", (1_000_000,), (1000,)),
    ("512x512 * 15x15", (512, 512), (15, 15)),
]


def main() -> None:
    rng = np.random.default_rng(0)
    print("| case | dtype | method | convcore (ms) | scipy.signal (ms) | ratio |")
    print("| --- | --- | --- | ---: | ---: | ---: |")
    for name, size, taps in CASES:
        for dtype in ("float32", "float64"):
            x, w = (rng.standard_normal(shape).astype(dtype) for shape in (size, taps))
            for method in ("direct", "fft", "auto"):
                took = interleaved(
                    {
                        "convcore": lambda m=method, x=x, w=w: convcore.convolve(x, w, "full", m),
                        "scipy": lambda m=method, x=x, w=w: scipy.signal.convolve(x, w, "full", m),
                    }
                )
                ours, theirs = took["convcore"] * 1e3, took["scipy"] * 1e3
                ratio = ours / theirs
                print(f"| {name} | {dtype} | {method} | {ours:.3f} | {theirs:.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
