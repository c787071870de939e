import pytest

pytest.importorskip("convcore_dask")
pytest.importorskip("dask.array")
