"""Invented material that the demo, the tests and the benchmarks read."""
