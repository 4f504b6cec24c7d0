"""What grows with processes, batches, images and faces: measured, kept as JSON, shown in docs/scale.md."""
