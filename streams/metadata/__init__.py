"""What a page tells of itself: title, authors, times and the rest."""
