"""Comparison of accounts: how well the evidence distinguishes them, and by what."""
