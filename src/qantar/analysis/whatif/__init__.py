"""What if: twins that share citizens and luck and differ in one decision, and why they differ."""
