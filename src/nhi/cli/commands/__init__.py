"""One file a command; the file's name is the command's. `command` parses, wires, calls one flow, prints, returns."""
