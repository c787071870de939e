"""The same U-Net in torch.nn, the reference; it loads the same weights as they are."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from unet_network import WIDTHS

__all__ = ["run"]

Array = npt.NDArray[Any]


def run(x: Array, weights: dict[str, Array]) -> tuple[Array, list[Array]]:
    """Give the logits, and the output of every convolution in the order they are computed."""
    modules = nn.ModuleDict()
    for key, kernel in weights.items():
        name, what = key.split(".")
        if what == "weight":
            modules[name] = _module(name, *kernel.shape[:3])
    modules.to(torch.asarray(x).dtype)
    modules.load_state_dict({key: torch.asarray(value) for key, value in weights.items()})
    outputs: list[Array] = []
    for module in modules.values():
        module.register_forward_hook(lambda _module, _inputs, y: outputs.append(y.numpy().copy()))
    with torch.no_grad():
        features = _level(modules, torch.asarray(x), 0)
        return np.asarray(modules["head"](features)), outputs


def _module(name: str, first: int, second: int, taps: int) -> Any:
    if name.startswith("up"):
        return nn.ConvTranspose2d(first, second, taps, stride=2, padding=1)
    stride = 2 if name.startswith("down") else 1
    return nn.Conv2d(second, first, taps, stride=stride, padding=taps // 2)


def _level(modules: Any, x: Any, depth: int) -> Any:
    skip = torch.relu(modules[f"encode{depth}"](x))
    if depth + 1 == len(WIDTHS):
        return skip
    below = _level(modules, torch.relu(modules[f"down{depth}"](skip)), depth + 1)
    up = modules[f"up{depth}"](below, output_size=skip.shape[2:])
    return torch.relu(modules[f"decode{depth}"](torch.cat([skip, up], dim=1)))
