import itertools
from dataclasses import replace

import pytest

from convcore.plugins import Axis, Fold


def relation(axis):
    """Every (p, i, k) with expansion * i = p * stride - lo + k * dilation."""
    sizes = range(axis.unfolded), range(axis.size), range(axis.taps)
    return {
        (p, i, k)
        for p, i, k in itertools.product(*sizes)
        if axis.expansion * i == p * axis.stride - axis.lo + k * axis.dilation
    }


def axes(expansions=(1, 2, 3)):
    grid = itertools.product(
        (1, 2, 5), (1, 2, 3), (1, 2, 3), (-2, 0, 1, 3), (-1, 0, 2), (1, 2, 3), expansions
    )
    for size, taps, stride, lo, hi, dilation, expansion in grid:
        axis = Axis(size, taps, stride, lo, hi, dilation, expansion)
        if axis.padded > axis.reach:
            yield axis


EXPANDED, PLAIN = list(axes()), list(axes((1,)))


def test_there_are_many_axes():
    assert len(EXPANDED) > 1500
    assert sum(len(relation(axis)) for axis in EXPANDED) > 4000


def test_outputs_are_the_positions_where_the_kernel_fits():
    for axis in EXPANDED:
        padded = (axis.size - 1) * axis.expansion + 1 + axis.lo + axis.hi
        reach = (axis.taps - 1) * axis.dilation
        fits = [p for p in range(padded) if p * axis.stride + reach < padded]
        assert axis.out == axis.unfolded == len(fits)


def test_with_out_is_the_least_padding_for_so_many_outputs():
    for axis in EXPANDED:
        for out in (1, 2, 7):
            wide = axis.with_out(out)
            assert wide.out == out
            assert replace(wide, hi=wide.hi - 1).out == out - 1
            assert replace(wide, hi=axis.hi) == axis


def test_transpose_exchanges_data_and_output_and_flips():
    for axis in EXPANDED:
        turned = axis.transpose()
        assert (turned.size, turned.out, turned.taps) == (axis.out, axis.size, axis.taps)
        last = axis.taps - 1
        assert relation(turned) == {(i, p, last - k) for p, i, k in relation(axis)}


def test_transpose_twice_is_the_same_map():
    for axis in EXPANDED:
        again = axis.transpose().transpose()
        assert relation(again) == relation(axis)
        assert again == axis.with_out(axis.out)


@pytest.mark.parametrize("boundary", ["reflect", "symmetric", "edge", "wrap"])
def test_transpose_of_an_extension_is_a_fold_and_back(boundary):
    for plain in PLAIN:
        axis = replace(plain, boundary=boundary)
        turned = axis.transpose()
        assert turned.fold == Fold(axis.lo, axis.hi, boundary)
        assert turned.boundary == "constant"
        assert (turned.size, turned.unfolded, turned.out) == (axis.out, axis.padded, axis.size)
        assert turned.transpose() == axis


def test_weight_grad_exchanges_taps_and_output():
    for axis in EXPANDED:
        turned = axis.weight_grad()
        assert (turned.size, turned.taps, turned.out) == (axis.size, axis.out, axis.taps)
        assert relation(turned) == {(k, i, p) for p, i, k in relation(axis)}


def test_exchange_slides_the_data_over_the_kernel():
    for axis in EXPANDED:
        turned = axis.exchange()
        assert (turned.size, turned.taps, turned.out) == (axis.taps, axis.size, axis.out)
        mirrored = {(p, axis.taps - 1 - k, axis.size - 1 - i) for p, i, k in relation(axis)}
        assert relation(turned) == mirrored


def test_phases_cover_every_output_and_product_once():
    for axis in EXPANDED:
        phases = axis.phases()
        outputs = [range(axis.unfolded)[phase.first :: phase.every] for phase in phases]
        assert sorted(itertools.chain(*outputs)) == list(range(axis.unfolded))
        found = [
            (p, i, phase.tap + k * phase.tap_step)
            for phase, own in zip(phases, outputs, strict=True)
            if phase.axis.taps > 0
            for p, i, k in ((own[q], i, k) for q, i, k in relation(phase.axis))
        ]
        assert len(found) == len(set(found))
        assert set(found) == relation(axis)


def test_phases_have_no_expansion():
    for axis in EXPANDED:
        for phase, own in ((p, range(axis.unfolded)[p.first :: p.every]) for p in axis.phases()):
            assert phase.axis.expansion == 1
            assert phase.axis.unfolded == len(own)


def test_windows_yield_their_outputs_from_as_few_samples_as_possible():
    for axis in PLAIN:
        for start, stop in itertools.combinations(range(axis.unfolded + 1), 2):
            window = axis.window(start, stop)
            assert window.axis.unfolded == stop - start
            assert window.axis.size == window.end - window.begin
            inside = {(p, i, k) for p, i, k in relation(axis) if start <= p < stop}
            moved = {(p + start, i + window.begin, k) for p, i, k in relation(window.axis)}
            assert moved == inside
            reach = {i for p, i, k in inside}
            assert not reach or window.begin <= min(reach) <= max(reach) < window.end
            assert window.end - window.begin <= (stop - 1 - start) * axis.stride + axis.reach + 1


def test_extended_axis_has_no_padding_left():
    for axis in PLAIN:
        done = replace(axis, boundary="wrap").extended()
        assert (done.size, done.lo, done.hi, done.boundary) == (axis.padded, 0, 0, "constant")
        assert done.out == axis.out


def parts():
    for axis, outs, taps in itertools.product(EXPANDED, PARTS, PARTS):
        if outs[1] <= axis.out and taps[1] <= axis.taps:
            yield axis, outs, taps, axis.part(outs, taps)


PARTS = [(0, 1), (1, 3), (0, 3), (2, 7)]


def test_a_part_is_the_relation_of_its_outputs_and_taps():
    met = set()
    for axis, outs, taps, window in parts():
        part, begin, end = window
        assert (part.unfolded, part.taps) == (outs[1] - outs[0], taps[1] - taps[0])
        assert (part.size, begin >= 0, end <= axis.size) == (end - begin, True, True)
        wanted = {
            (p, i, k) for p, i, k in relation(axis) if p in range(*outs) and k in range(*taps)
        }
        assert {(p + outs[0], i + begin, k + taps[0]) for p, i, k in relation(part)} == wanted
        assert window.meets or not wanted
        met.add(window.meets)
    assert met == {True, False}


def test_a_part_of_an_extended_axis_reads_the_extended_data():
    part, begin, end = Axis(3, 5, lo=9, hi=9, stride=2, boundary="wrap").part((1, 4), (2, 4))
    assert (begin, end) == (-5, 1)
    assert part == Axis(6, 2, stride=2)
