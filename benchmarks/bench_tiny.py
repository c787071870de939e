"""What each public call costs on 3 samples: ``python benchmarks/bench_tiny.py``."""

from functools import partial

import numpy as np
from _timing import interleaved

import convcore


def main() -> None:
    x, w = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.5])
    image, kernel, grad = x[None, None], w[None, None], np.ones((1, 1, 1))
    half, square, bias = x.astype(np.float16), np.ones((3, 3)), np.ones(1)
    calls = {
        "np.convolve": partial(np.convolve, x, w),
        "convolve": partial(convcore.convolve, x, w),
        "convolve, same": partial(convcore.convolve, x, w, "same"),
        "convolve, reflect": partial(convcore.convolve, x, w, "same", boundary="reflect"),
        "convolve, 3x3": partial(convcore.convolve, square, square),
        "convolve, float16": partial(convcore.convolve, half, half),
        "correlate": partial(convcore.correlate, x, w),
        "conv": partial(convcore.conv, image, kernel),
        "conv, bias": partial(convcore.conv, image, kernel, bias),
        "conv, stride 2": partial(convcore.conv, image, kernel, stride=2, padding=1),
        "conv_transpose": partial(convcore.conv_transpose, image, kernel),
        "conv_transpose, stride 2": partial(convcore.conv_transpose, image, kernel, stride=2),
        "conv_input_grad": partial(convcore.conv_input_grad, (1, 1, 3), kernel, grad),
        "conv_weight_grad": partial(convcore.conv_weight_grad, image, (1, 1, 3), grad),
        "lags": partial(convcore.lags, 3, 3),
        "backends": convcore.backends,
        "plan": partial(convcore.plan, "convolve", x, w),
        "convolve, lists": partial(convcore.convolve, [1, 2, 3], [0, 1, 0.5]),
    }
    took = interleaved(calls, seconds=0.3, rounds=15)
    print("| call | us |")
    print("| --- | ---: |")
    for name, seconds in took.items():
        print(f"| {name} | {seconds * 1e6:.2f} |")


if __name__ == "__main__":
    main()
