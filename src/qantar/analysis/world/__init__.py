"""Checks and tables of the world outside."""
