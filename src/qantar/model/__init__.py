"""The model of a crisis: `hour.py` holds the schedule; each mechanism has its own file."""
