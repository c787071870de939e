"""What XLA's operations take on each platform."""

from dataclasses import dataclass, replace

from convcore.algorithms import Rates

__all__ = ["PRICES", "Prices"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds of a platform's operations; `rates` are those of its transforms.

    Attributes
    ----------
    call, product_call, columns_call, native_call : float
        A program, and what it takes more: each product of matrices, unfolding, a convolution.
    shared : float
        What sharing a loop among threads takes.
    tap : float
        One product in a fused loop over four-byte elements.
    strided, stepped, phased : float
        Factors on that where the data are read with a stride, where not all is written out, and
        where each phase of an expansion has many terms.
    mixed, mixed_integer : float
        One product of matrices, of floats of four bytes and of integers.
    viewed : float
        One element brought into the order of a product of matrices.
    unfolded, fresh : float
        One element copied into columns, and one byte of memory that the allocator does not keep.
    joined : float
        One output written between those of other phases.
    moved : float
        One element passed over.
    native, window : float
        One product of XLA's own convolution, and the least time for one tap of one output.
    turned, made : float
        One element of an operand, and of the result, brought into its layout.
    looped, looped_pixel : float
        Where it runs a plain loop: one tap of one output and channel, and of all its channels.
    grouped : float
        One product where every channel is a group.
    """

    call: float
    product_call: float
    columns_call: float
    native_call: float
    shared: float
    tap: float
    strided: float
    stepped: float
    phased: float
    mixed: float
    mixed_integer: float
    viewed: float
    unfolded: float
    fresh: float
    joined: float
    moved: float
    native: float
    window: float
    turned: float
    made: float
    looped: float
    looped_pixel: float
    grouped: float
    rates: Rates


# Fitted to 450 problems on two cores of an x86 machine.
_CPU = Prices(
    call=1.6e-5,
    product_call=1e-5,
    columns_call=3.6e-5,
    native_call=1.5e-5,
    shared=2.3e-5,
    tap=8.6e-11,
    strided=3.6,
    stepped=0.4,
    phased=1.4,
    mixed=1.8e-11,
    mixed_integer=7.8e-11,
    viewed=7.6e-10,
    unfolded=9.9e-10,
    fresh=5e-10,
    joined=3.7e-10,
    moved=4.6e-10,
    native=6.5e-12,
    window=1.9e-9,
    turned=2.1e-9,
    made=1.6e-9,
    looped=1.6e-9,
    looped_pixel=7e-9,
    grouped=3.4e-9,
    rates=Rates(
        call=1.5e-6,
        tap=1e-9,
        product=2.6e-10,
        column=1.4e-9,
        point=2.3e-10,
        rows=1.6,
        matrix=8.3e-8,
    ),
)
# Not measured: launches of some microseconds, memory of about 1 TB/s, 20 Tflop/s.
_GPU = Prices(
    call=4e-6,
    product_call=4e-6,
    columns_call=4e-6,
    native_call=1.6e-5,
    shared=0,
    tap=1e-12,
    strided=1.0,
    stepped=1.0,
    phased=1.0,
    mixed=1e-13,
    mixed_integer=1e-12,
    viewed=8e-12,
    unfolded=8e-12,
    fresh=0,
    joined=8e-12,
    moved=8e-12,
    native=1e-13,
    window=2e-12,
    turned=8e-12,
    made=0,
    looped=0,
    looped_pixel=0,
    grouped=1e-12,
    rates=Rates(call=4e-6, tap=8e-12, point=5e-13, matrix=1e-11),
)
_TPU = replace(_GPU, rates=Rates(call=4e-6, tap=8e-12, point=1e-9, matrix=1e-11))
PRICES = {"cpu": _CPU, "gpu": _GPU, "tpu": _TPU}
