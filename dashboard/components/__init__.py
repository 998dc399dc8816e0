"""Parts of a page, each a function from figures to HTML; pages decide where they stand."""
