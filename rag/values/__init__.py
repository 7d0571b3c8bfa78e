"""Typed values in text: numbers, units, money, shares, ranks, times, weekdays and dates.

Read by what they say and not by how they are written (`find_values`); whether two are
the same is for `rag.values.agreement`. May import `rag.text`.
"""

from rag.values.find import Kind, Value, find_values

__all__ = ["Kind", "Value", "find_values"]
