"""Inference: calibrate accounts on the evidence and score their predictions."""
