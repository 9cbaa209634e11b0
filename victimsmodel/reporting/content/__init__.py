"""What the report says: a document of sections, claims and exhibits, made once and laid out by others."""
