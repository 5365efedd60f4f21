"""What the sources say about the time after a crisis, beside what the rules give."""
