"""Rules of what follows after January 2022."""
