"""The lines of a body: repaired, joined, and lifted to the fields they belong to."""
