"""Write predictions as drawings and in the formats of other programs. Nothing here needs a framework."""
