"""Options and schedules of a run: merged into its config, and checked."""
