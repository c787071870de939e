"""convcore on tensors beside PyTorch's own best call: ``python benchmarks/bench_torch.py``.

The peer is the faster of the plain call and the one whose operands are turned to channels_last
and back; what convcore's call does to reach the same result is all in its time. The plain call is
timed twice, to show what a ratio on this machine is worth.
"""

from collections.abc import Callable
from math import exp, log
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from _timing import interleaved

import convcore

Case = tuple[str, Callable[[], Any], Callable[[], Any], Callable[[], Any] | None]
LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


def layer(name: str, x: tuple[int, ...], w: tuple[int, ...], **options: Any) -> Case:
    """A neural layer on (n, c, *space)."""
    a, b = torch.randn(x), torch.randn(w)
    spatial = len(x) - 2
    transposed = options.pop("transposed", False)
    own = (
        (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
        if transposed
        else (F.conv1d, F.conv2d, F.conv3d)
    )[spatial - 1]
    ours = convcore.conv_transpose if transposed else convcore.conv

    def last() -> Any:
        how = LAST[len(x)]
        y = own(a.contiguous(memory_format=how), b.contiguous(memory_format=how), **options)
        return y.contiguous()

    turned = last if spatial > 1 else None
    return name, lambda: own(a, b, **options), lambda: ours(a, b, **options), turned


def signal(name: str, x: tuple[int, ...], h: tuple[int, ...]) -> Case:
    """A full convolution, which PyTorch spells with views, a flip and padding."""
    a, b = torch.randn(x), torch.randn(h)
    own = (F.conv1d, F.conv2d, F.conv3d)[len(x) - 1]
    space = tuple(range(len(x)))
    reach = [k - 1 for k in h]

    def torchs() -> Any:
        return own(a[None, None], b.flip(space)[None, None], padding=reach)[0, 0]

    return name, torchs, lambda: convcore.convolve(a, b), None


def cases() -> list[Case]:
    """Everything that takes PyTorch more than 50 us."""
    return [
        layer("3x3, 64 to 64, batch 8", (8, 64, 56, 56), (64, 64, 3, 3), padding=1),
        layer("3x3, 512 to 512, 7x7", (8, 512, 7, 7), (512, 512, 3, 3), padding=1),
        layer("1x1, 256 to 64", (8, 256, 56, 56), (64, 256, 1, 1)),
        layer("7x7 stem, stride 2", (8, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3),
        layer("depthwise 3x3", (8, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64),
        layer("grouped 3x3", (8, 128, 28, 28), (128, 4, 3, 3), padding=1, groups=32),
        layer("dilated 3x3", (4, 64, 56, 56), (64, 64, 3, 3), padding=2, dilation=2),
        layer("conv1d 9", (8, 64, 1000), (64, 64, 9), padding=4),
        layer("conv3d 3x3x3", (2, 16, 32, 32, 32), (16, 16, 3, 3, 3), padding=1),
        layer("transposed 4x4", (2, 64, 32, 32), (64, 64, 4, 4), stride=2, transposed=True),
        layer("small 3x3", (1, 16, 14, 14), (16, 16, 3, 3), padding=1),
        signal("1000 * 31", (1000,), (31,)),
        signal("10k * 101", (10_000,), (101,)),
        signal("100k * 31", (100_000,), (31,)),
        signal("100k * 1000", (100_000,), (1000,)),
        signal("512x512 * 3x3", (512, 512), (3, 3)),
        signal("512x512 * 15x15", (512, 512), (15, 15)),
        signal("64^3 * 5^3", (64, 64, 64), (5, 5, 5)),
    ]


def main() -> None:
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads\n")
    print("| case | PyTorch (ms) | channels_last (ms) | convcore (ms) | to the best | again |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    ratios = []
    for name, own, ours, turned in cases():
        contenders = {"own": own, "ours": ours, "again": own}
        contenders |= {} if turned is None else {"last": turned}
        with torch.inference_mode():
            took = {key: 1e3 * value for key, value in interleaved(contenders, rounds=15).items()}
        ratios.append(took["ours"] / min(took["own"], took.get("last", took["own"])))
        last = f"{took['last']:.3f}" if turned else ""
        print(
            f"| {name} | {took['own']:.3f} | {last} | {took['ours']:.3f} | {ratios[-1]:.2f} "
            f"| {took['again'] / took['own']:.2f} |",
            flush=True,
        )
    print(f"\ngeometric mean {exp(sum(map(log, ratios)) / len(ratios)):.2f}")


if __name__ == "__main__":
    main()
