"""Which blocks a result has, and how many tasks of what size make it."""

import numpy as np
import pytest

import convcore

pytest.importorskip("convcore_dask")
da = pytest.importorskip("dask.array")


def chunked(chunks, dtype="float64"):
    return da.zeros(tuple(map(sum, chunks)), chunks=chunks, dtype=dtype)


def layer(y):
    return dict(y.dask.layers[y.name])


def parts(y):
    """The shapes of x and w that each part reads."""
    made = [task[0] for task in layer(y).values()]
    return [(p.problem.x_shape, p.problem.w_shape) for p in made if hasattr(p, "problem")]


@pytest.mark.parametrize(
    ("taps", "mode", "wanted"),
    [
        (3, "same", (10, 10, 5)),
        (4, "same", (10, 10, 5)),
        (3, "full", (11, 10, 6)),
        (3, "valid", (9, 10, 4)),
        (11, "same", (20, 5)),  # no block is shorter than the kernel, but for what is left
        (60, "same", (25,)),
        (60, "full", (84,)),
    ],
)
def test_blocks_follow_the_chunks_under_the_middle_of_the_kernel(taps, mode, wanted):
    y = convcore.convolve(chunked([(10, 10, 5)]), np.ones(taps), mode)
    assert y.chunks == (wanted,)


@pytest.mark.parametrize("padding", ["same", "same_lower"])
@pytest.mark.parametrize("taps", [3, 4])
def test_same_padding_keeps_the_chunks(padding, taps):
    x = chunked([(1, 2), (3, 1), (8, 9)])
    y = convcore.conv(x, np.ones((5, 4, taps)), padding=padding)
    assert y.chunks == ((1, 2), (5,), (8, 9))


def test_a_stride_divides_and_a_transpose_multiplies_the_chunks():
    w = np.ones((2, 1, 3))
    assert convcore.conv(chunked([(1,), (1,), (8, 9)]), w, stride=2, padding=1).chunks[2] == (4, 5)
    x = chunked([(1,), (2,), (4, 5)])
    assert convcore.conv_transpose(x, w, stride=2, padding="same").chunks[2] == (8, 10)


def test_kernels_chunked_along_their_outputs_chunk_the_result():
    y = convcore.conv(chunked([(1,), (2,), (9,)]), chunked([(2, 3), (2,), (3,)]))
    assert y.chunks == ((1,), (2, 3), (7,))


def test_groups_are_never_cut_through():
    x, w = chunked([(2,), (3, 3, 6), (9,)]), chunked([(1, 2, 3), (4,), (3,)])
    assert convcore.conv(x, w, groups=3).chunks == ((2,), (6,), (7,))
    assert convcore.conv(chunked([(2,), (4, 8), (9,)]), w, groups=3).chunks == ((2,), (2, 4), (7,))


def test_zero_length_axes_and_chunks():
    y = convcore.conv(chunked([(0,), (2,), (4, 5)]), np.ones((3, 2, 2)))
    assert (y.shape, y.chunks[0]) == ((0, 3, 8), (0,))
    y = convcore.convolve(chunked([(4, 0, 5, 0)]), np.ones(2))
    assert y.chunks == ((4, 6),)
    assert y.compute(scheduler="synchronous").shape == (10,)


def test_a_part_reads_its_span_and_nothing_else():
    y = convcore.convolve(chunked([(1000,) * 8]), np.ones(11), "same")
    assert parts(y) == [((1005,), (11,)), *[((1010,), (11,))] * 6, ((1005,), (11,))]
    assert len(layer(y)) == 8 + 2 * 7


def test_boundaries_cost_no_more_than_the_samples_they_need():
    for boundary in ("reflect", "symmetric", "edge", "wrap"):
        y = convcore.convolve(chunked([(1000,) * 8]), np.ones(11), "same", boundary=boundary)
        assert set(parts(y)) == {((1010,), (11,))}
        assert len(layer(y)) <= 8 + 2 * 8


def test_a_kernel_beyond_the_data_reads_them_once():
    y = convcore.convolve(chunked([(3, 4)]), np.ones(900), "same", boundary="wrap")
    assert y.chunks == ((7,),)
    (task,) = layer(y).values()
    assert len(task[1]) == 2


def test_many_small_chunks_and_a_long_kernel_make_few_tasks():
    y = convcore.convolve(chunked([(10,) * 500]), np.ones(1001))
    assert len(y.chunks[0]) <= 6
    assert len(layer(y)) < 20


def test_padding_makes_few_blocks_of_few():
    y = convcore.conv(chunked([(1,), (1,), (4,)]), np.ones((1, 1, 1)), padding=5000)
    assert len(y.chunks[2]) <= 8


def test_a_small_chunked_kernel_is_put_together():
    y = convcore.conv(chunked([(1,), (2, 2), (50, 50)]), chunked([(3,), (1,) * 4, (2, 1)]))
    assert parts(y) == [((1, 4, 51), (3, 4, 3))] * 2


def test_a_long_chunked_kernel_is_summed_by_parts():
    x, w = chunked([(300_000,)]), chunked([(200_000,) * 5])
    y = convcore.convolve(x, w)
    assert y.chunks == ((324_999, *(325_000,) * 3),)
    assert max(w for _, (w,) in parts(y)) == 400_000
    assert len(parts(y)) < 2 * 6


def test_the_gradient_of_the_kernel_is_never_gathered():
    """Its "kernel" is the gradient of the output, as large as the data."""
    x = chunked([(2,) * 8, (3,), (100_000,) * 4])
    grad = chunked([(2,) * 8, (5,), (80_000,) * 4 + (79_900,)])
    y = convcore.conv_weight_grad(x, (5, 3, 101), grad)
    assert y.chunks == ((5,), (3,), (101,))
    assert len(parts(y)) == 8 * 5
    assert max(x[2] for x, _ in parts(y)) == 80_100
    assert {w[0] for _, w in parts(y)} == {2}


def test_channels_are_summed_by_chunks_and_kernels_made_by_turns():
    x = chunked([(1,), (16,) * 4, (1000,), (1000,)], "float32")
    y = convcore.conv(x, np.ones((256, 64, 3, 3), np.float32))
    assert y.chunks[1] == (32,) * 8
    assert len(parts(y)) == 4 * 8
    assert set(parts(y)) == {((1, 16, 1000, 1000), (32, 16, 3, 3))}


def test_equal_calls_make_equal_names():
    x, w = chunked([(5, 5)]), np.ones(3)
    one = convcore.convolve(x, w)
    assert one.name == convcore.convolve(x, w.copy()).name
    for other in (convcore.convolve(x, w, "same"), convcore.convolve(x, 2 * w)):
        assert other.name != one.name
    import dask

    with dask.config.set({"array.chunk-size": "1 B"}):
        assert convcore.convolve(x, w).name != one.name
