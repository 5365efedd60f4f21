"""Runs of the rules of what comes after a crisis."""
