"""Police forces, rows of recorded crime, and the layouts that need a reader of their own."""
