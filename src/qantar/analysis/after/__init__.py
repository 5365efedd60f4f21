"""What follows after January 2022: tables, predictions and checks."""
