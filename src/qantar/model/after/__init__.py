"""Rules of the time after a crisis, one mechanism a file."""
