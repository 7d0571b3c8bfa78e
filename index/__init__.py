"""The way in: a folder becomes an index (load, clean, chunk, embed, store)."""
