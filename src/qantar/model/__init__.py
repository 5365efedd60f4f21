"""The model of a crisis: `hour.py` is the list, and each mechanism has a file of its own."""
