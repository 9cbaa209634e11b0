"""Assurance of a run: effects, logs, the STRESS sheet, and the sign-off that ends with any change."""
