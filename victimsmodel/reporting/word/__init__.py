"""The document as a Word file that a consultant edits and brands: styles, fields, tables, pictures."""
