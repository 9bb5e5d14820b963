"""The office page: a page in the person's own browser that does what the workbook's buttons do.

For computers whose managers forbid Excel to start programs. It listens on loopback only, on a port and with a key that
are new at each start.
"""
