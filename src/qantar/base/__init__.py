"""Errors, files, the worker pool and provenance, used by every other package."""
