"""All input and output of the API process: the database, files."""
