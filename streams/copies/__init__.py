"""Whose copy a text is: fingerprints, the index, and the verdict."""
