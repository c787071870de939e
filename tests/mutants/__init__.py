"""Backends that are wrong on purpose, each of which the conformance suite must catch.

``python -m mutants`` in ``tests/`` tries them all; names after it choose some.
"""
