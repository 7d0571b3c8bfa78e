"""Citewise: ask a folder of documents in any language, get answers whose citations were checked."""
