"""The sizes that every part keeps, in bytes."""

MAX_CONTENT = 5_000_000  # of one page or text; more is rejected as too_large
MAX_LETTER = 7 * 1024 * 1024  # of one encoded letter, headers included
KEPT_OF_TOO_LARGE = 64 * 1024  # what a too_large rejection keeps of the original
