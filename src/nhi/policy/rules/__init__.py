"""One file a rule. The docstring is the rule's manual page, and its examples are run by the tests."""
