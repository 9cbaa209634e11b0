"""What is wrong with official data, and what is done about it."""
