"""What norms, networks and predictions cost: measured in turns, kept as JSON, shown in docs/performance.md."""
