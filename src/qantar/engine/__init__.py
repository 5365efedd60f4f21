"""The engine: one member's hours in a row, and many members at once."""
