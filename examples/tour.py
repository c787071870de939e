"""A tour of convcore on real data: a photograph, a nerve cell, polynomials and a small network.

Run ``python examples/tour.py``. Every result comes from convcore's public API on NumPy arrays; the
plan of each call and its best time of five are printed, and the results are drawn in ``tour.png``.
"""

import argparse
import math
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import convcore
import tour_data
import tour_figure
import tour_network
from tour_figure import Image, Panel

BLUR_SIGMA = 6.0  # pixels
CUTOFF, TAPS = 6.0, 1001  # Hz; the cell fires at about 14 Hz
POWERS = (30, 32)  # the largest coefficient of the product lies between 2**53 and 2**63
NOISE = 0.15  # standard deviation; the photograph goes from 0 to 1
FACE = (slice(80, 380), slice(100, 356))


def best_of_five(run: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result of `run` and the shortest of five times, in seconds."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - start)
    return result, min(times)


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    if seconds < 1e-4:
        return f"{1e6 * seconds:.1f} \N{MICRO SIGN}s"
    digits = 2 if seconds < 1e-3 else 1 if seconds < 1e-2 else 0
    return f"{1e3 * seconds:.{digits}f} ms"


def show(what: str, operation: Callable[..., Any], *args: Any, **options: Any) -> tuple[Any, float]:
    """Print the plan of one call and its time; return its result and its time."""
    plan = convcore.plan(operation, *args, **options)
    result, seconds = best_of_five(lambda: operation(*args, **options))
    print(f"\n{what}: {duration(seconds)}")
    print("\n".join("    " + line for line in str(plan).splitlines()))
    return result, seconds


def smooth(photo: Image) -> Panel:
    """Blur with a Gaussian: two 1-D convolutions, each over all lines and colours at once."""
    reach = math.ceil(3 * BLUR_SIGMA)
    gauss = np.exp(-0.5 * (np.arange(-reach, reach + 1, dtype=np.float32) / BLUR_SIGMA) ** 2)
    gauss /= gauss.sum()
    down, across = gauss[:, None, None], gauss[None, :, None]
    same = {"mode": "same", "boundary": "reflect"}
    half, first = show("Gaussian blur, down", convcore.convolve, photo, down, axes=0, **same)
    full, second = show("Gaussian blur, across", convcore.convolve, half, across, axes=1, **same)
    note = f"convolve twice, {gauss.size} taps, reflect: {duration(first + second)}"
    return Panel("Gaussian blur", note, full)


def edges(photo: Image) -> Panel:
    """Draw the Sobel gradient: both derivatives of all three colours in one call."""
    sobel = np.outer([1, 2, 1], [-1, 0, 1]).astype(np.float32) / 8
    both = np.stack([sobel, sobel.T], axis=-1)[:, :, None, :]  # (3, 3, 1, 2)
    what, options = "Sobel, two kernels on three colours", {"axes": (0, 1), "boundary": "reflect"}
    slopes, seconds = show(what, convcore.correlate, photo[..., None], both, mode="same", **options)
    steepest = np.sqrt((slopes**2).sum(axis=-1)).max(axis=-1)
    ink = np.clip(steepest / np.quantile(steepest, 0.99), 0, 1) ** 0.7
    return Panel("Sobel edges", f"correlate, 2 kernels at once: {duration(seconds)}", 1 - ink)


def denoise(photo: Image) -> tuple[Panel, Panel]:
    """Add noise to the photograph and take it out again with the network of `tour_network`."""
    clean = photo.transpose(2, 0, 1)[None]  # (N, C, H, W)
    noise = np.random.default_rng(7).standard_normal(clean.shape, dtype=np.float32)
    noisy = clean + np.float32(NOISE) * noise
    weights, options = tour_network.FRAME_WEIGHTS, tour_network.STRIDED
    bias = tour_network.biases(NOISE)
    coded, _ = show("Network, widest encoder layer", convcore.conv, noisy, weights, bias, **options)
    what, size = "Network, widest decoder layer", noisy.shape[2:]
    show(what, convcore.conv_transpose, coded, weights, output_size=size, **options)
    restored, seconds = best_of_five(lambda: tour_network.forward(noisy, NOISE))
    unchanged = np.abs(tour_network.forward(noisy, 0.0) - noisy).max()
    print(f"\nNetwork, all {tour_network.LEVELS} levels: {duration(seconds)}")
    print(f"    with thresholds of zero it returns its input to within {unchanged:.0e}")
    before, after = (np.clip(y[0].transpose(1, 2, 0), 0, 1) for y in (noisy, restored))
    note = f"conv, conv_transpose, {psnr(after, photo)}: {duration(seconds)}"
    return (
        Panel("With noise, in detail", psnr(before, photo), before[FACE]),
        Panel("Denoised by a small U-Net", note, after[FACE]),
    )


def psnr(picture: Image, original: Image) -> str:
    """Compare with the original: the peak signal-to-noise ratio."""
    return f"PSNR {-10 * math.log10(float(np.mean((picture - original) ** 2))):.1f} dB"


def slow_part(voltage: Image) -> Panel:
    """Low-pass with a long FIR filter: a windowed sinc of linear phase and unit gain at 0 Hz."""
    n = np.arange(TAPS) - TAPS // 2
    fir = np.sinc(2 * CUTOFF / tour_data.SAMPLE_RATE * n) * np.blackman(TAPS)
    fir = (fir / fir.sum()).astype(np.float32)
    what, options = f"Low-pass, {TAPS} taps", {"mode": "same", "boundary": "edge"}
    slow, seconds = show(what, convcore.convolve, voltage, fir, **options)
    note = f"convolve, {voltage.size} samples with {TAPS} taps: {duration(seconds)}"
    return Panel(f"A nerve cell, and its potential below {CUTOFF:g} Hz", note, slow)


def polynomial_product() -> Panel:
    """Multiply two powers of (1 + x) exactly, and count what float64 would get wrong."""
    a, b = (np.array([math.comb(n, k) for k in range(n + 1)], dtype=np.int64) for n in POWERS)
    product, seconds = show("Polynomial product, int64", convcore.convolve, a, b)
    exact = [math.comb(sum(POWERS), k) for k in range(sum(POWERS) + 1)]
    if product.tolist() != exact:
        raise SystemExit("the coefficients differ from math.comb")
    rounded = convcore.convolve(a.astype(np.float64), b.astype(np.float64), method="direct")
    wrong = sum(int(r) != e for r, e in zip(rounded.tolist(), exact, strict=True))
    print(f"    all {len(exact)} coefficients equal math.comb; float64 gets {wrong} wrong")
    title = f"Coefficients of $(1+x)^{{{POWERS[0]}}}\\,(1+x)^{{{POWERS[1]}}}$"
    note = f"convolve int64, all {len(exact)} exact ({wrong} wrong in float64): {duration(seconds)}"
    return Panel(title, note, product)


def main() -> None:
    """Run the tour."""
    parser = argparse.ArgumentParser(description="A tour of convcore on real data.")
    parser.add_argument("--out", type=Path, default=Path("tour.png"), help="the figure to write")
    out: Path = parser.parse_args().out
    photo, voltage = tour_data.photograph(), tour_data.recording()
    versions = f"convcore {convcore.__version__}, NumPy {np.__version__}"
    print(f"{versions}, Python {platform.python_version()}")
    print(f"photograph {photo.shape} {photo.dtype}, recording {voltage.shape} {voltage.dtype}")
    original = Panel("Photograph", "Grace Hopper, 600 x 512, 3 colours", photo)
    pictures = [original, smooth(photo), edges(photo), *denoise(photo)]
    tour_figure.draw(pictures, voltage, slow_part(voltage), polynomial_product(), out)
    print(f"\nfigure: {out.resolve()}")


if __name__ == "__main__":
    main()
