"""How many random problems a test tries."""

from __future__ import annotations

import os

from hypothesis import settings

__all__ = ["random_examples"]

# Derandomised: a run in CI is a fact about the code, not about the day. CONVCORE_EXAMPLES sets
# the count; for a search through new problems choose another profile with ``derandomize=False``.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=int(os.environ.get("CONVCORE_EXAMPLES", "60")),
    print_blob=False,
)

random_examples = settings(settings.get_profile("ci"))
