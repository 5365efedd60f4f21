"""Drawings and tables of the time after a crisis."""
