"""Scenarios and runs: from a pack, an account and an episode to simulated members."""
