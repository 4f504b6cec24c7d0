"""Command-line options, settings and errors of the tools."""
