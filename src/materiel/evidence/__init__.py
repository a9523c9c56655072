"""What was reported, and how it re-weights the worlds."""
