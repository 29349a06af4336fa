"""The command line: one file a command. The only place with print, environment, clock and exit."""
