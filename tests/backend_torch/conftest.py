import pytest


def pytest_collection_modifyitems(items):
    """What PyTorch warns itself of, when it first loads its forward mode."""
    quiet = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
    for item in items:
        if "backend_torch" in item.path.parts:
            item.add_marker(quiet)
