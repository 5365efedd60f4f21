"""Inference: what the evidence leaves of an account's beliefs, and how well it foretold it."""
