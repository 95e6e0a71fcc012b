"""The stages of a decision, one file each, in the order of flow.py: a fact flows down and never up."""
