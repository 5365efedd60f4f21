"""Inference: calibrate accounts on the evidence and judge their predictions."""
