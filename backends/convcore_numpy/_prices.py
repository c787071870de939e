"""What the steps of NumPy's engines take: measured, and fitted to some 2,300 problems.

Thin products and the points of transforms were measured again since, on another machine; then rows,
columns and what threads save, on 720 problems and 64 layers more.
"""

from typing import NamedTuple

__all__ = ["Prices"]


class Prices(NamedTuple):
    """Seconds that steps take; what matters is their ratio to each other.

    Attributes
    ----------
    call, small_call : float
        One of NumPy's functions, and one matrix product of many in it.
    run, copied_run : float
        Each contiguous run of samples that it treats; that it only copies.
    tap, arithmetic : float
        A sample of four bytes that is multiplied and added; only one of both.
    copy, thin_copy, far_copy : float
        One that is copied; into columns of one channel's windows; to where no core's cache has it.
    apart_copy : float
        One copied to every other.
    row_copy, strided_copy, row_run, row_call : float
        One copied into columns of rows; one of every other; each of their contiguous runs; and a
        product of one row.
    product, banded_product, small_product, thin_product, outer_product : float
        One product in a matrix product of float32; with a banded matrix; in one too small for
        threads; with a vector; of two vectors.
    packed : float
        A sample that a matrix product takes in, before it multiplies any.
    limb : float
        A sample turned into a limb, or back.
    point : float
        One point of a transform of float32, per unit of log2 of its length.
    line : float
        One line of a transform over several axes.
    value : float
        One value at a point of Winograd's algorithm, from samples or back to outputs.
    dot, integer_dot, few_dots : float
        One product of np.correlate: of float32, of integers, and where it has few for each sum.
    dot_call, dot_single, integer_sum : float
        One of its sums, one in single precision or complex, and one of integers.
    entry : float
        One product looked up in a table.
    wake, blas_wake : float
        Another thread, and one of a BLAS.
    sharing, tap_sharing, row_sharing : float
        Part of the work that a second thread leaves: of many short steps, of long ones, and where
        rows are copied and multiplied.
    """

    call: float = 1.3e-6
    small_call: float = 4.3e-8
    run: float = 5e-8
    copied_run: float = 3.3e-9
    tap: float = 1.3e-10
    arithmetic: float = 2.4e-10
    copy: float = 2.3e-10
    thin_copy: float = 1.4e-10
    far_copy: float = 2.4e-10
    row_copy: float = 1.4e-10
    apart_copy: float = 5.5e-10
    strided_copy: float = 4.1e-10
    row_run: float = 3.8e-9
    row_call: float = 1.2e-7
    product: float = 1.2e-11
    banded_product: float = 1.5e-11
    small_product: float = 3.1e-11
    thin_product: float = 4.5e-11
    outer_product: float = 1.9e-9
    packed: float = 8.8e-11
    limb: float = 7.5e-10
    point: float = 1.5e-10
    line: float = 1.4e-8
    value: float = 1.1e-9
    dot: float = 3.4e-11
    integer_dot: float = 3.7e-10
    integer_sum: float = 2.1e-9
    few_dots: float = 2.3e-10
    dot_call: float = 8e-9
    dot_single: float = 1.1e-8
    entry: float = 1.8e-9
    wake: float = 1.8e-4
    blas_wake: float = 3.3e-5
    sharing: float = 0.83
    tap_sharing: float = 0.64
    row_sharing: float = 0.5
