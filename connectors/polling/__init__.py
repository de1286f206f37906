"""When a source is looked at, what is known of it, and what has been taken from it."""
