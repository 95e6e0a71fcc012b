"""The YAML trees as values: `load` reads a tree, and says everything that is wrong with it at once;
`load_kept` reads one again that was accepted before.

The way of a file: tree.py finds it, yaml.py makes nodes with places of it (secrets.py reveals references on
the way), sections.py sorts and reads them by shapes.py and options.py, checks.py and references.py compare
what they say of each other, doubts.py warns, build.py makes the core's values. loading.py is that way.
"""

from monitord.config.kept import load_kept
from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused, Place, Problem
from monitord.config.settings import EMAIL, Broken, Door, Doors, Oidc, Settings, Watchdog

__all__ = [
    "EMAIL",
    "Broken",
    "ConfigurationRefused",
    "Door",
    "Doors",
    "Loaded",
    "Oidc",
    "Place",
    "Problem",
    "Settings",
    "Watchdog",
    "load",
    "load_kept",
]
