"""The console: screens and buttons on the ops door, for people who have signed in."""
