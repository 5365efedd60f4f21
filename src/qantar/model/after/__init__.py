"""Rules of what comes after a crisis, month by month."""
