"""The YAML trees as values: loading.py reads a tree, and says everything that is wrong with it at once;
kept.py reads one again that was accepted before.

The way of a file: tree.py finds it, yaml.py makes nodes with places of it (secrets.py reveals references on
the way), sections.py sorts and reads them by shapes.py and options.py, checks.py and references.py compare
what they say of each other, doubts.py warns, build.py makes the core's values. loading.py is that way.
Whoever only asks where the store is asks whereabouts.py, and pays for nothing of that.
"""
