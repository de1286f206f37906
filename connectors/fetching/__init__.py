"""Pages from the web: politely, within limits, and never from the inside."""
