"""Scenarios: episodes, accounts and beliefs, small values that compose."""
