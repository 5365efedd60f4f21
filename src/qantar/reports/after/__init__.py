"""Drawings and tables of what follows after January 2022."""
