"""Pictures of cells that a threshold cannot find, and the masks that a network should give."""

import numpy as np
import numpy.typing as npt

__all__ = ["cells"]

Image = npt.NDArray[np.float32]


def cells(count: int, size: int, seed: int) -> tuple[Image, Image]:
    """Draw images and masks, (count, 1, size, size): discs and fibres on an uneven background."""
    random = np.random.default_rng(seed)
    drawn = [_picture(size, random) for _ in range(count)]
    images, masks = zip(*drawn, strict=True)
    return np.stack(images)[:, None], np.stack(masks)[:, None]


def _picture(size: int, random: np.random.Generator) -> tuple[Image, Image]:
    y, x = np.mgrid[:size, :size] / size
    slope = random.uniform(-1.5, 1.5, 2)
    image = slope[0] * (y - 0.5) + slope[1] * (x - 0.5)
    mask = np.zeros((size, size), bool)
    for centre_y, centre_x, radius in random.uniform((0, 0, 0.06), (1, 1, 0.14), (6, 3)):
        mask |= np.hypot(y - centre_y, x - centre_x) < radius
    fibres = np.zeros((size, size), bool)
    for angle, offset in random.uniform((0, -0.4), (np.pi, 0.4), (4, 2)):
        across = np.cos(angle) * (y - 0.5) + np.sin(angle) * (x - 0.5) - offset
        fibres |= np.abs(across) < 0.75 / size
    image += 0.9 * (mask | fibres) + 0.25 * random.standard_normal((size, size))
    return image.astype(np.float32), mask.astype(np.float32)
