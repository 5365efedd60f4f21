"""Rules of the world outside."""
