"""Networks that come with the package: an index, and the files that it names; found and checked without torch."""
