"""What partners push and hubs announce: one HTTP server an address, and what keeps it standing."""
