"""HTTP behind three doors (public, edge, ops); what is shown and taken is here, what is decided is not."""
