"""Measurements of how fast things are; each module is a command of its own, `python -m benchmarks.NAME`."""
