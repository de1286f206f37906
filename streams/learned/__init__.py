"""The lines that keep coming back on a host and are no news."""
