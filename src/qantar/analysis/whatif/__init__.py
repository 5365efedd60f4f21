"""What-ifs: twin runs with the same citizens and random numbers that differ in one decision."""
