"""What `use` sets, for how long, and for whom."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import convcore

from .marks import shows
from .spare import Ran, Spare, registered

_DEFAULT = Ran("direct", "left", "ieee", None)


@pytest.fixture(autouse=True)
def spare() -> Iterator[Spare]:
    with registered(Spare()) as backend:
        yield backend


def _use(**options: Any) -> convcore.use:
    return convcore.use(**options)


def _ran(spare: Spare, **keywords: Any) -> Ran:
    """Call on arrays of NumPy, and give what the backend saw."""
    convcore.convolve(np.ones(8), np.ones(3), **keywords)
    return spare.ran.pop()


# What a call sees of an option: what an outer `use` says, and what an inner one says.
_OPTIONS = [("method", "fft", "overlap_add"), ("precision", "fast", "ieee"), ("threads", 3, 1)]
each_option = pytest.mark.parametrize(("name", "outer", "inner"), _OPTIONS)


@shows("CC-USE-1", "CC-USE-4")
@each_option
def test_the_innermost_counts_until_it_ends(
    name: str, outer: Any, inner: Any, spare: Spare
) -> None:
    with _use(backend="spare"):
        assert _ran(spare) == _DEFAULT
        with _use(**{name: outer}):
            assert _ran(spare) == _DEFAULT._replace(**{name: outer})
            with _use(**{name: inner}):
                assert _ran(spare) == _DEFAULT._replace(**{name: inner})
            assert _ran(spare) == _DEFAULT._replace(**{name: outer})
        assert _ran(spare) == _DEFAULT


@shows("CC-USE-1")
@pytest.mark.parametrize(
    ("name", "said", "keyword"), [("method", "fft", "direct"), ("precision", "fast", "ieee")]
)
def test_a_keyword_counts_first(name: str, said: str, keyword: str, spare: Spare) -> None:
    with _use(backend="spare"), _use(**{name: said}):
        assert getattr(_ran(spare, **{name: keyword}), name) == keyword
        assert getattr(_ran(spare), name) == said


@shows("CC-USE-1")
def test_the_backend_of_the_keyword_counts_first(spare: Spare) -> None:
    with registered(Spare("other")) as other:
        with _use(backend="other"):
            assert _ran(spare, backend="spare") == _DEFAULT
            assert other.ran == []
            assert _ran(other) == _DEFAULT
        convcore.convolve(np.ones(3), np.ones(2))
        assert other.ran == spare.ran == []


@shows("CC-USE-2")
@each_option
def test_none_is_not_said(name: str, outer: Any, inner: Any, spare: Spare) -> None:
    everything = {"backend": "spare", "device": "right", name: outer}
    wanted = _DEFAULT._replace(device="right", **{name: outer})
    nothing = dict.fromkeys(("backend", "device", "method", "precision", "accuracy", "threads"))
    with _use(**everything), _use(**nothing):
        assert _ran(spare) == wanted
        assert _ran(spare, method=None, precision=None, backend=None) == wanted
        with _use(**{**nothing, name: inner}):
            assert _ran(spare) == wanted._replace(**{name: inner})


@shows("CC-USE-3")
def test_options_nest_one_by_one(spare: Spare) -> None:
    with _use(backend="spare", device="right"), _use(method="fft", threads=3):
        with _use(precision="fast"):
            assert _ran(spare) == Ran("fft", "right", "fast", 3)
            with _use(threads=1):
                assert _ran(spare) == Ran("fft", "right", "fast", 1)
            assert _ran(spare) == Ran("fft", "right", "fast", 3)
        assert _ran(spare) == Ran("fft", "right", "ieee", 3)


@shows("CC-USE-4")
def test_an_exception_ends_it(spare: Spare) -> None:
    with _use(backend="spare"):
        with suppress(ZeroDivisionError), _use(method="fft", threads=2):
            raise ZeroDivisionError
        assert _ran(spare) == _DEFAULT


@shows("CC-USE-5")
def test_a_thread_starts_from_the_defaults(spare: Spare) -> None:
    seen: list[Any] = []
    of_arrays = convcore.plan("convolve", np.ones(8), np.ones(3)).backend

    def work() -> None:
        seen.append(convcore.plan("convolve", np.ones(8), np.ones(3)).backend)
        seen.append(_ran(spare, backend="spare"))

    with _use(backend="spare", device="right", method="fft", precision="fast", threads=3):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [of_arrays, _DEFAULT]


@shows("CC-USE-6")
def test_a_task_starts_with_the_options_of_its_creator_and_keeps_its_own(spare: Spare) -> None:
    async def work(method: str, turn: asyncio.Event) -> tuple[Ran, Ran, Ran]:
        first = _ran(spare)
        with _use(method=method):
            await turn.wait()
            own = _ran(spare)
        return first, own, _ran(spare)

    async def main() -> tuple[list[Any], Ran]:
        turn = asyncio.Event()
        with _use(backend="spare", threads=3):
            tasks = [asyncio.create_task(work(name, turn)) for name in ("fft", "overlap_add")]
        await asyncio.sleep(0)  # both are inside their blocks now
        with _use(backend="spare"):
            between = _ran(spare)
        turn.set()
        return await asyncio.gather(*tasks), between

    results, between = asyncio.run(main())
    start = _DEFAULT._replace(threads=3)
    assert results == [
        (start, start._replace(method=name), start) for name in ("fft", "overlap_add")
    ]
    assert between == _DEFAULT


@shows("CC-USE-7")
@pytest.mark.parametrize("device", ["right", "cuda:0"])
def test_a_device_needs_a_backend(device: str) -> None:
    with pytest.raises(convcore.OptionError, match=f"device='{device}' without backend"):
        _use(device=device)
    with (
        _use(backend="spare"),
        pytest.raises(convcore.OptionError, match=f"device='{device}' without backend"),
    ):
        _use(device=device, method="fft")


@shows("CC-USE-8")
def test_options_are_read_at_the_call(spare: Spare) -> None:
    with _use(backend="spare", method="fft"):

        def function() -> Ran:
            return _ran(spare, backend="spare")

        block = _use(method="overlap_add")
        assert function().method == "fft"
    assert function() == _DEFAULT
    with block:
        assert function().method == "overlap_add"


_BAD = [
    *[("method", value) for value in ("FFT", "", "fast", 3, ["fft"])],
    *[("precision", value) for value in ("IEEE", "exact", 32)],
    *[("accuracy", value) for value in ("exact", "none", "high", 1e-6)],
    *[("threads", value) for value in (1.5, "two", [1], float("inf"))],
]


@shows("CC-USE-9")
@pytest.mark.parametrize(("name", "value"), _BAD)
def test_a_value_that_is_not_allowed_is_refused_at_once(name: str, value: Any) -> None:
    with pytest.raises(convcore.OptionError, match=f"{name}=") as caught:
        _use(**{name: value})
    assert repr(value) in str(caught.value)
    assert "allowed" in str(caught.value)


@shows("CC-USE-12")
@pytest.mark.parametrize("threads", [0, -1, 0.5, 2.5, float("nan"), "2", [2], 2j, (1, 2)])
def test_threads_are_one_or_more(threads: Any) -> None:
    with pytest.raises(convcore.OptionError, match="threads=") as caught:
        _use(threads=threads)
    assert repr(threads) in str(caught.value)


@shows("CC-USE-12")
@pytest.mark.parametrize("threads", [2, 2.0, np.int64(2), np.float32(2), 2 + 0j, np.array(2)])
def test_threads_equal_an_integer(threads: Any, spare: Spare) -> None:
    with _use(backend="spare", threads=threads):
        assert _ran(spare).threads == 2


@shows("CC-USE-14")
@pytest.mark.parametrize("inner", ["spare", "other"])
def test_an_inner_backend_takes_the_device_out_of_force(inner: str, spare: Spare) -> None:
    with registered(Spare("other")) as other, _use(backend="spare", device="right", threads=3):
        with _use(backend=inner):
            ran = _ran(spare if inner == "spare" else other)
            assert ran == _DEFAULT._replace(threads=3)
            with _use(backend=inner, device="right"):
                assert _ran(spare if inner == "spare" else other).device == "right"
        assert _ran(spare).device == "right"
