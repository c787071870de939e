"""A real cluster: two processes of little memory, which are gone afterwards."""

import os

import dask
import numpy as np
import pytest

import convcore

da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")
pytest.importorskip("convcore_dask")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit="384 MiB",
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=tmp_path_factory.mktemp("dask"),
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_workers_compute_what_numpy_does(client):
    x = da.random.default_rng(0).standard_normal(4_000_000, chunks=300_000)
    w = np.random.default_rng(1).standard_normal(1001)
    y = convcore.convolve(x, w, "same", boundary="reflect")
    result = y.compute()
    wanted = convcore.convolve(x.compute(), w, "same", boundary="reflect")
    np.testing.assert_allclose(result, wanted, rtol=0, atol=1e-10)
    assert len(client.scheduler_info()["workers"]) == 2


def test_the_work_is_done_in_other_processes(client):
    where = convcore.convolve(da.ones(10, chunks=5), np.ones(2)).map_blocks(
        lambda block: np.full(block.shape, os.getpid()), dtype=int
    )
    pids = set(where.compute().tolist())
    assert pids <= set(client.run(os.getpid).values())
    assert os.getpid() not in pids


@pytest.mark.parametrize("size", ["128 MiB", "1 B"])
def test_every_operation_on_workers(client, size):
    rng = np.random.default_rng(0)
    x, w = rng.integers(-9, 10, (4, 6, 50)), rng.integers(-9, 10, (4, 3, 5))
    options = {"groups": 2, "stride": 2, "dilation": 2, "padding": 3}
    y = convcore.conv(x, w, **options)
    lazy_x, lazy_w, lazy_y = (da.from_array(a, chunks=(2, 2, 7)) for a in (x, w, y))
    with dask.config.set({"array.chunk-size": size}):
        for got, wanted in (
            (convcore.conv(lazy_x, lazy_w, **options), y),
            (
                convcore.conv_transpose(lazy_y, w, **options),
                convcore.conv_transpose(y, w, **options),
            ),
            (
                convcore.conv_input_grad(x.shape, w, lazy_y, **options, boundary="wrap"),
                convcore.conv_input_grad(x.shape, w, y, **options, boundary="wrap"),
            ),
            (
                convcore.conv_weight_grad(lazy_x, w.shape, lazy_y, **options),
                convcore.conv_weight_grad(x, w.shape, y, **options),
            ),
        ):
            np.testing.assert_array_equal(got.compute(), wanted)
    assert client.status == "running"


def test_options_need_not_reach_the_workers(client):
    x, w = da.ones(1000, chunks=300), np.ones(30)
    with convcore.use(method="direct"):
        y = convcore.convolve(x, w)
    np.testing.assert_array_equal(y.compute(), np.convolve(np.ones(1000), w))
    assert client.status == "running"


def test_an_error_of_a_block_comes_back(client):
    x = da.ones(4, chunks=2).map_blocks(np.ma.masked_array, meta=np.empty(0))
    with pytest.raises(convcore.ArrayTypeError, match="MaskedArray"):
        client.compute(convcore.convolve(x, np.ones(1))).result()
