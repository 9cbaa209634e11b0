"""The input workbook of a scenario, for people who do not write YAML."""
