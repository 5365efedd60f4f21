"""Comparing accounts: which can be told apart, and by what."""
