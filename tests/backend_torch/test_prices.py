"""Which prices are those of a machine."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("convcore_torch")

from convcore_torch import _prices


@pytest.mark.parametrize(
    ("maker", "capability", "slow"),
    [
        ("AuthenticAMD", "AVX512", True),
        ("AuthenticAMD", "AVX2", False),  # MKL has loops for those
        ("GenuineIntel", "AVX512", False),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_mkl_is_slow_where_it_leaves_vectors_unused(
    maker, capability, slow, listed, monkeypatch, tmp_path
):
    cpuinfo = tmp_path / "cpuinfo"
    if listed:
        cpuinfo.write_text(f"processor\t: 0\nvendor_id\t: {maker}\n")
    monkeypatch.setattr(_prices, "_CPUINFO", cpuinfo)
    monkeypatch.setattr(_prices.platform, "processor", lambda: f"AMD64 Family 26, {maker}")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert _prices.is_slow_mkl() is slow
