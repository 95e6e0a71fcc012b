"""One file a way to reach people: its name is the word below `channels:`, its docstring the manual page."""
