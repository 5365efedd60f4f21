"""Drawings of the world outside."""
