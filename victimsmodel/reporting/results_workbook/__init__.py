"""The results workbook of an evaluation."""
