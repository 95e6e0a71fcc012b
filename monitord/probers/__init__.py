"""One file a way to check: its name is the word after `kind:`, its docstring the manual page."""
