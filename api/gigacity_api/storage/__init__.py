"""Everything that reads or writes a database or a file, behind protocols."""
