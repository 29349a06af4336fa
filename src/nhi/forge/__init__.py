"""The forge: where changes are proposed, reviewed and merged. `interface.py` is what the flows need of it."""
