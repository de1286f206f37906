"""Steps: bytes in, addressed letters out. The only place that catches everything."""
