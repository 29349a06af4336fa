"""Declared identities and a moment to decisions: what is due, what a sweep does, when it stops."""
