"""The runner for one machine: no broker, child processes, one SQLite file."""
