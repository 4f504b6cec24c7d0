"""The bundled networks: an index and its files; found and checked without torch."""
