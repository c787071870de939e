"""The conformance suite on the CuPy backend, with its kernels on the CPU and an emulated cuDNN."""

import pytest

pytest.importorskip("convcore_cupy")

import cuda_on_cpu
import fake_cudnn
import fake_cupy
from on_cpu import on_cpu

from convcore_conformance.test_adjoints import *  # noqa: F403
from convcore_conformance.test_laws import *  # noqa: F403
from convcore_conformance.test_random import test_neural, test_signal  # noqa: F401
from convcore_conformance.test_values import test_case  # noqa: F401

pytestmark = cuda_on_cpu.needs_gcc


@pytest.fixture(scope="module", params=["cupy", "cupy_cudnn"])
def library(request):
    with fake_cupy.installed(fake_cudnn.make() if request.param == "cupy_cudnn" else None):
        yield on_cpu(request.param)
