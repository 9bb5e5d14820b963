"""A person's own workbook, made into one with buttons; and a workbook of an older version, brought up to date."""
