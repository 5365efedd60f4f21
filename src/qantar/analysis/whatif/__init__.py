"""What-ifs: twins that share citizens and random numbers and differ in one decision."""
