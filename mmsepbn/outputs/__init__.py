"""What was found in images, drawn and in the formats of other programs. Nothing here needs a framework."""
