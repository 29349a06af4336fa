"""One result, many views. Nothing here decides anything."""
