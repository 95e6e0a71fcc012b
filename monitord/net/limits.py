"""The limits of everything that comes from outside, in one table; deadlines are the engine's."""

from datetime import timedelta

KIB = 1024
MIB = 1024 * KIB

# What a target may send us.
RESPONSE_BYTES_MAX = 1 * MIB  # of a body, decompressed
WIRE_BYTES_MAX = 8 * MIB  # as sent: framing and what is packed included
HEADERS_BYTES_MAX = 64 * KIB  # status line, headers and trailers
INTERIM_ANSWERS_MAX = 10  # 100 Continue, 103 Early Hints …
REDIRECTS_MAX = 5
BANNER_BYTES_MAX = 4 * KIB
LINE_BYTES_MAX = 64 * KIB  # of a stream that is read line by line

# What a person may write.
URL_CHARS_MAX = 2000
HOST_CHARS_MAX = 253  # RFC 1035
TEXT_CHARS_MAX = 1000  # a text to look for
PATTERN_CHARS_MAX = 1000
HEADERS_MAX = 50
BODY_CHARS_MAX = 64 * KIB

# How we reach others.
ADDRESSES_MAX = 8  # of one name, that are tried
STAGGER = timedelta(milliseconds=250)  # before the next address joins the race (RFC 8305)
CLIENT_CONNECTIONS_MAX = 100
CLIENT_TIMEOUT = timedelta(seconds=30)  # for each step of an exchange of the shared client

# What people read.
SUMMARY_CHARS_MAX = 300
