"""What holds for a source or a host alone: who may be taken, for how long, and how its times are read."""
