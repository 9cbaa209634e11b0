"""What people are handed: tables, figures and the report."""
