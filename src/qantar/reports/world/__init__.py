"""Drawings and tables of the world outside."""
