"""The conformance suite of convcore: an exact oracle, cases, comparators and laws."""
