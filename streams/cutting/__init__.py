"""Rules: what a publisher adds to its articles, cut by name and version."""
