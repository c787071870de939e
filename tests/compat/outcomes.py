"""What a call gives, and whether two of them gave the same."""

import warnings

import numpy as np

UNITS = {2: 2.0**-11, 4: 2.0**-24, 8: 2.0**-53, 16: 2.0**-53}


def outcome(call, *args, **kwargs):
    """The result, or what was raised instead."""
    try:
        return call(*args, **kwargs)
    # A peer may raise anything: its kind is what is compared.
    except Exception as error:  # noqa: BLE001
        return error


def quietly(call, *args, **kwargs):
    """The outcome of a peer, whose warnings are its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return outcome(call, *args, **kwargs)


def check_same(row, got, wanted, dtype=None):
    """The same exception; or the same dtype, shape and values, each within its bound."""
    if isinstance(wanted, Exception) or isinstance(got, Exception):
        if not (isinstance(got, Exception) and isinstance(got, raised(wanted))):
            raise AssertionError(f"{got!r} is not {wanted!r}") from (
                got if isinstance(got, Exception) else None
            )
        return
    if isinstance(wanted, str):
        assert got == wanted
        return
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.dtype == (wanted.dtype if dtype is None else dtype)
    assert got.shape == wanted.shape
    if got.dtype.kind in "biuO":
        np.testing.assert_array_equal(got, wanted)
        return
    error = np.abs(got.astype(complex) - wanted.astype(complex))
    assert np.array_equal(np.isnan(got), np.isnan(wanted))
    assert np.all((error <= bound(row, got)) | np.isnan(error)), f"{got} is not {wanted}"


def raised(wanted):
    """What is to be raised for an exception of the peer's."""
    return type(wanted) if isinstance(wanted, Exception) else ()


def bound(row, got):
    """The sum of both sides' errors: at most (n + 4 + 16 log2 L) u n max|x| max|w| each.

    That covers a direct sum of n terms, and a transform of length L by its norms; two sides, and
    components of a complex product, make eight of it.
    """
    given = [np.asarray(x) for x in row.args[:2]]
    length = sum(x.size for x in given) + 1
    largest = 4 + abs(complex(np.nan_to_num(row.kwargs.get("cval", 0))))
    for x in given:
        moduli = np.abs(x.astype(complex))
        largest *= np.max(moduli, initial=0.0, where=np.isfinite(moduli))
    units = [
        UNITS.get(x.dtype.itemsize // (2 if x.dtype.kind == "c" else 1), 2.0**-53)
        for x in (got, *given)
        if x.dtype.kind in "fc"
    ]
    unit = max(units, default=2.0**-53)
    return 8 * (length + 4 + 16 * np.log2(length)) * unit * length * largest
