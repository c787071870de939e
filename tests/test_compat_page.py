"""docs/compat.md says what the tables say."""

import importlib

from compat.page import PAGE, renewed
from compat.rows import PEERS, REASONS
from compat.tables import ROWS


def test_the_page_is_what_the_tables_give():
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run python -m compat.page in tests/"


def test_every_function_has_rows():
    for module in PEERS:
        names = set(importlib.import_module(f"convcore.compat.{module}").__all__)
        assert names == {row.name for row in ROWS if row.module == module}


def test_every_reason_is_in_use():
    assert {row.differs for row in ROWS if row.differs} == set(REASONS)
