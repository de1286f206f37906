"""Archives of the web (WARC, ISO 28500): from their bytes to letters."""
