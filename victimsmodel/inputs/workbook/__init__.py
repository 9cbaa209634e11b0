"""Input workbooks: what stands in which cell, and what is read back from them."""
