"""Citewise as a retriever of other frameworks; each file needs the framework that it is named after."""
