"""Model to findings: the rules, one a file, and the engine that runs them."""
