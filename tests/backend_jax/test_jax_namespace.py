"""The namespace that the portable engines run on."""

import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("convcore_jax")

from convcore_jax._namespace import namespace


@pytest.mark.parametrize(
    ("dtype", "sums"), [("int8", "i32"), ("uint16", "ui32"), ("int32", "i32"), ("bfloat16", "bf16")]
)
def test_products_of_narrow_integers_are_summed_in_32_bits(dtype, sums):
    """On a device they may saturate otherwise."""
    square = jax.ShapeDtypeStruct((2, 2), dtype)
    lowered = jax.jit(namespace().matmul).lower(square, square)
    (product,) = (line for line in lowered.as_text().splitlines() if "dot_general" in line)
    assert product.endswith(f"-> tensor<2x2x{sums}>")
    assert lowered.out_info.dtype == dtype
