"""Everything that knows xlwings: reading the open workbook, showing a run in it, and building the template."""
