"""Streaming filters and detectors: one sample at a time, causal, constant memory. Knows no pump and no patient."""
