"""monitord demo: a whole outage in a minute, with the real daemon, real mails and real pages, on loopback."""
