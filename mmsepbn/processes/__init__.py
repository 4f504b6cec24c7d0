"""Processes: calls in a child, locks of folders, workers that end with their parent."""
