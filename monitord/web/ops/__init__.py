"""The ops door and the control socket: screens, API and figures for the people who run things."""
