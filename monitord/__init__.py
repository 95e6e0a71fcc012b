"""monitord: checks services, pages people until somebody answers, and tells customers the truth meanwhile."""

__version__ = "0.1.0"
