"""Ways to be told: each file is one kind of integration; see `monitord.kinds`."""
