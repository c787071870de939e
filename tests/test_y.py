"""Dummy."""


def test_a() -> None:
    assert True
