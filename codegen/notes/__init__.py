"""Course notes from the records of the catalog: `book` is the front page."""
