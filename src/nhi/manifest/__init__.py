"""Text to model: read YAML with positions, check it against the closed schemas, say what is wrong where."""
