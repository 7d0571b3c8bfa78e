"""Backends that write an answer from passages, one file each."""
