"""The tour's real data: two files inside the matplotlib package. Nothing is downloaded."""

import numpy as np
import numpy.typing as npt
from matplotlib import cbook, image

SAMPLE_RATE = 2000.0  # Hz, of the recording


def photograph() -> npt.NDArray[np.float32]:
    """Load Grace Hopper, by the US Navy (public domain): (600, 512, 3), from 0 to 1."""
    path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return np.asarray(image.imread(path), dtype=np.float32) / np.float32(255)


def recording() -> npt.NDArray[np.float32]:
    """Load a nerve cell's potential, the trace of matplotlib's first logo: (12000,), in mV."""
    path = cbook.get_sample_data("membrane.dat", asfileobj=False)
    return np.fromfile(path, dtype=np.float32) * np.float32(100)
