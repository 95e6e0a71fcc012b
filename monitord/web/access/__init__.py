"""Who is let in, and what they may: roles, tokens, sessions, passwords; API and console stand on it."""
