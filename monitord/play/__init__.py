"""What would happen: the core played on a virtual clock, without a shell.

house.py lets a world live through facts and time. On it simulation.py asks what an outage would set off, and
story.py performs transcripts, which language.py reads: stage.py, outside.py and arranging.py have what may
happen in them, lines.py the answers, days.py the time. change.py compares two configurations.
"""
