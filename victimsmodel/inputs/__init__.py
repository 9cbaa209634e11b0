"""What is stated and what is observed."""
