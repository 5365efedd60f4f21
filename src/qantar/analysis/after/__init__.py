"""What the sources say of the time after a crisis, beside what the rules give."""
