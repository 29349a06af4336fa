"""The declared state where it lives: the working tree and Git. The only room that reads the repository's files."""
