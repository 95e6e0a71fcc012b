"""Calendar feeds: the shifts of a person or a rotation, as calendars elsewhere read them."""
