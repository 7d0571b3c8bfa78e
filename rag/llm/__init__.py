"""Backends that write an answer from passages, one file each, and what they share.

May import the rooms below, down from `rag.answer`: a backend is handed a `Prompt` and knows no index.
"""
