"""The loopback GitHub: a server over a real bare repository, held to GitHub's own description of its API."""
