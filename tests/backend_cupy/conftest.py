"""CuPy's place is taken by fake_cupy, whose kernels run on the CPU: no test here needs a device."""

import fake_cudnn
import fake_cupy
import pytest


@pytest.fixture
def cupy():
    """The fake CuPy, without cuDNN."""
    with fake_cupy.installed() as module:
        yield module


@pytest.fixture
def cudnn():
    """A fake frontend of cuDNN, beside the fake CuPy."""
    module = fake_cudnn.make()
    with fake_cupy.installed(module):
        yield module
