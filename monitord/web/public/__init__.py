"""The public door: the status page as rendered bytes, its API and feeds, and subscriptions."""
