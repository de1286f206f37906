"""Child processes for work that may hang, crash or eat memory: a letter in, its letters out, always."""
