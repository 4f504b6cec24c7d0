"""What is shown of results: curves, tables, pictures."""
