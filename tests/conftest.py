from importlib.util import find_spec

import pytest
from fake_library import Plugin, TinyBackend

from convcore.plugins import clear_caches, registry


def pytest_collection_modifyitems(items):
    """Skip what is about the NumPy backend where its package is not there."""
    if find_spec("convcore_numpy") is None:
        for item in items:
            if item.get_closest_marker("numpy_backend"):
                item.add_marker(pytest.mark.skip(reason="the NumPy backend is not there"))


@pytest.fixture
def register():
    """A function that registers a backend until the test is over."""
    names = []

    def add(backend):
        registry.register(backend.name, Plugin(backend), "the tests")
        names.append(backend.name)
        clear_caches()
        return backend

    yield add
    for name in names:
        registry.unregister(name)
    clear_caches()


@pytest.fixture
def tiny(register):
    """The backend of the library `fake_library`."""
    return register(TinyBackend())
