"""The seven stages of a decision, one file each, in the order of ARCHITECTURE: a fact flows down and never
up.
"""
