"""convcore measured: grids of cases, the peers beside them, and what the figures come to."""
