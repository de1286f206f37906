"""What sites list: feeds, sitemaps and pages of links, as the items that they name."""
