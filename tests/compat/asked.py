"""What functions of SciPy's signature do with the arrays of a library, as a program.

``SCIPY_ARRAY_API=1 python asked.py scipy torch`` asks SciPy itself, ``python asked.py
convcore.compat torch`` convcore, and both print outcomes as JSON. It is a program of its own
because SciPy reads that variable when it is imported.
"""

import importlib
import json
import sys
import warnings

import numpy as np

LINE, TAPS = np.arange(300.0) % 7, np.arange(5.0) - 1
PLANE, PATCH = np.arange(600.0).reshape(20, 30) % 7, np.arange(6.0).reshape(2, 3) - 2

FUNCTIONS = {
    "signal.convolve": (LINE, TAPS),
    "signal.correlate": (LINE, TAPS),
    "signal.fftconvolve": (LINE, TAPS),
    "signal.oaconvolve": (LINE, TAPS),
    "signal.convolve2d": (PLANE, PATCH),
    "signal.correlate2d": (PLANE, PATCH),
    "ndimage.convolve": (PLANE, PATCH),
    "ndimage.correlate": (PLANE, PATCH),
    "ndimage.convolve1d": (PLANE, TAPS),
    "ndimage.correlate1d": (PLANE, TAPS),
}


def torch_gradient(call, x, h):
    import torch

    x = torch.tensor(x, requires_grad=True)
    y = call(x, torch.tensor(h))
    y.sum().backward()
    return y.detach().numpy()


def jax_jit(call, x, h):
    import jax

    with jax.enable_x64(True):
        return np.asarray(jax.jit(call)(x, h))


def jax_gradient(call, x, h):
    import jax

    with jax.enable_x64(True):
        x, h = jax.numpy.asarray(x), jax.numpy.asarray(h)
        jax.grad(lambda x: call(x, h).sum())(x)
        return np.asarray(call(x, h))


def dask_laziness(call, x, h):
    import dask
    import dask.array

    def refuse(*_args, **_kwargs):
        raise NotLazyError

    array = dask.array.from_array(x, chunks=16)
    with dask.config.set(scheduler=refuse):
        y = call(array, dask.array.from_array(h, chunks=-1))
    if not isinstance(y, dask.array.Array):
        raise NotLazyError
    return y.compute(scheduler="synchronous")


def made(x, library):
    xp = importlib.import_module({"jax": "jax.numpy", "dask": "dask.array"}.get(library, library))
    return xp.asarray(x)


class NotLazyError(Exception):
    """Something was computed before it was asked for."""


QUESTIONS = {
    "torch": {"gradient": torch_gradient},
    "jax": {"jit": jax_jit, "gradient": jax_gradient},
    "dask": {"laziness": dask_laziness},
}


def answer(question, call, wanted, x, h):
    try:
        y = question(call, x, h)
    except NotLazyError:
        return "computes at once"
    except Exception as error:  # noqa: BLE001 - whatever a library raises is the answer
        return f"{type(error).__name__}"
    if y.shape != wanted.shape or not np.allclose(y, wanted, atol=1e-9):
        return "wrong values"
    return "yes"


def main(package, library):
    warnings.simplefilter("ignore")
    signal = importlib.import_module(f"{package}.{'' if package == 'scipy' else 'scipy_'}signal")
    long = made(np.ones(30000), library), made(np.ones(3000), library)
    answers = {f"signal.choose_conv_method {library} long kernel": signal.choose_conv_method(*long)}
    for name, (x, h) in FUNCTIONS.items():
        module, function = name.split(".")
        path = f"scipy.{module}" if package == "scipy" else f"{package}.scipy_{module}"
        call = getattr(importlib.import_module(path), function)
        for word, question in QUESTIONS[library].items():
            answers[f"{name} {library} {word}"] = answer(question, call, call(x, h), x, h)
    return answers


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
