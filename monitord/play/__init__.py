"""What would happen: the core played on a virtual clock, without a shell.

house.py lets a world live through facts and time. On it simulation.py asks what an outage would set off, and
story.py performs transcripts; scene.py, stage.py, outside.py and lines.py are their language.
"""
