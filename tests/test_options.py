import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from bad_calls import X1, X2

import convcore
from convcore import _options

PAIR = ((64,), "float32"), ((8,), "float32")


def method(**keywords):
    return convcore.plan("convolve", *PAIR, **keywords).method


def force():
    return _options.context()


def test_defaults_say_nothing():
    assert force() == _options.Options()
    assert set(force()) == {None}


def test_use_applies_to_calls_and_ends():
    with convcore.use(method="fft", precision="fast", threads=2):
        plan = convcore.plan("convolve", *PAIR)
        assert plan.method == "fft"
        assert (plan.problem.precision, plan.problem.threads) == ("fast", 2)
    plan = convcore.plan("convolve", *PAIR)
    assert plan.method == "direct"
    assert (plan.problem.precision, plan.problem.threads) == ("ieee", None)


def test_use_takes_effect_after_the_same_call_is_cached():
    cached = convcore.convolve(X1, X2)
    with convcore.use(method="native"):
        for _ in range(2):
            with pytest.raises(convcore.MethodError, match="native"):
                convcore.convolve(X1, X2)
    np.testing.assert_array_equal(convcore.convolve(X1, X2), cached)


def test_use_nests_option_by_option():
    with convcore.use(method="fft", threads=3):
        with convcore.use(threads=1, precision="fast"):
            assert force()._replace(precision=None) == _options.Options(method="fft", threads=1)
            with convcore.use(method="direct"):
                assert (force().method, force().threads, force().precision) == ("direct", 1, "fast")
            assert force().method == "fft"
        assert force() == _options.Options(method="fft", threads=3)


def test_none_means_not_said():
    with convcore.use(method="fft"):
        assert method(method=None) == "fft"
        with convcore.use(method=None, threads=None):
            assert method() == "fft"


@pytest.mark.numpy_backend
def test_keyword_beats_use():
    with convcore.use(method="fft", precision="fast"):
        assert method(method="direct") == "direct"
        assert method(method="auto") == "direct"
        plan = convcore.plan("convolve", *PAIR, precision="ieee")
        assert plan.problem.precision == "ieee"
    with convcore.use(backend="nope"):
        assert convcore.plan("convolve", *PAIR, backend="numpy").backend == "numpy"


def test_use_ends_with_an_exception():
    with pytest.raises(ZeroDivisionError), convcore.use(method="fft"):
        raise ZeroDivisionError
    assert force() == _options.Options()


@pytest.mark.numpy_backend
@pytest.mark.usefixtures("tiny")
def test_inner_backend_drops_the_outer_device():
    with convcore.use(backend="tiny", device="right", threads=2):
        assert convcore.plan("convolve", *PAIR).device == "right"
        with convcore.use(threads=1):
            assert force().device == "right"
        with convcore.use(backend="numpy"):
            assert (force().device, force().threads) == (None, 2)
            np.testing.assert_allclose(convcore.convolve(X1, X2), np.convolve(X1, X2))
        with convcore.use(backend="tiny"):
            assert force().device is None
        assert convcore.convolve(X1, X2, backend="numpy").shape == (7,)
        assert force().device == "right"


def test_accuracy_keeps_auto_to_its_class():
    long = ((100_000,), "float32"), ((10_000,), "float32")
    assert convcore.plan("convolve", *long).accuracy.name == "normwise"
    with convcore.use(accuracy="componentwise"):
        plan = convcore.plan("convolve", *long)
        assert (plan.accuracy.name, plan.method) == ("componentwise", "direct")
        assert convcore.plan("convolve", *long, method="fft").method == "fft"
        with convcore.use(accuracy="normwise"):
            assert convcore.plan("convolve", *long).accuracy.name == "normwise"
        exact = convcore.plan("convolve", ((90,), "int8"), ((90,), "int8"))
        assert exact.accuracy.name == "exact"


def test_one_object_may_be_entered_again():
    options = convcore.use(method="fft")
    with options:
        with options:
            assert method() == "fft"
        assert method() == "fft"
    assert method() == "direct"
    with options:
        assert method() == "fft"
    assert force() == _options.Options()


def test_use_decorates_a_function():
    @convcore.use(method="fft")
    def decorated(depth):
        return [method(), *(decorated(depth - 1) if depth else [])]

    assert decorated(2) == ["fft"] * 3
    assert method() == "direct"


def test_threads_start_from_the_defaults():
    seen = []
    with convcore.use(method="fft"):
        thread = threading.Thread(target=lambda: seen.append((force(), method())))
        thread.start()
        thread.join()
    assert seen == [(_options.Options(), "direct")]


def test_threads_do_not_see_each_other():
    barrier, seen = threading.Barrier(3), {}

    def work(name):
        with convcore.use(method=name):
            barrier.wait()
            seen[name] = method()
            barrier.wait()

    names = ("direct", "fft", "overlap_add")
    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {name: name for name in names}


def test_tasks_inherit_options_and_do_not_see_each_other():
    async def work(name, gate):
        started_with = method()
        with convcore.use(method=name):
            await gate.wait()
            return started_with, method()

    async def main():
        gate = asyncio.Event()
        with convcore.use(method="overlap_add"):
            tasks = [asyncio.create_task(work(name, gate)) for name in ("direct", "fft")]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*tasks), method()

    results, after = asyncio.run(main())
    assert results == [("overlap_add", "direct"), ("overlap_add", "fft")]
    assert after == "direct"


def mirror():
    """The options that a call would read while a compiler traces it."""
    return _options.mirrored()


def in_a_new_thread(function):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_mirror_follows_nesting():
    def nested():
        seen = [mirror() == force()]
        with convcore.use(method="fft"):
            with convcore.use(threads=2):
                seen.append(mirror() == force())
            seen.append(mirror() == force())
        return [*seen, mirror() == _options.Options()]

    assert in_a_new_thread(nested) == [True] * 4


def test_mirror_is_clean_once_all_tasks_are_over():
    async def work(gate):
        with convcore.use(method="direct"):
            await gate.wait()

    async def main():
        gate = asyncio.Event()
        with convcore.use(method="overlap_add"):
            task = asyncio.create_task(work(gate))
            await asyncio.sleep(0)
        gate.set()
        await task

    def run():
        asyncio.run(main())
        return mirror()

    assert in_a_new_thread(run) == _options.Options()


@pytest.mark.parametrize("threads", [1, 2, 64])
def test_threads_do_not_change_integers(threads):
    x = np.random.default_rng(0).integers(-99, 99, (40, 5000))
    wanted = convcore.convolve(x, x[:1, :50], axes=1, method="fft")
    with convcore.use(threads=threads):
        np.testing.assert_array_equal(
            convcore.convolve(x, x[:1, :50], axes=1, method="fft"), wanted
        )
