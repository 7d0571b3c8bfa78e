"""Whether a passage says what a sentence claims, and which words of it do.

The door is `rag.verify.cite.cite`: a reply with markers becomes claims with citations. Numbers,
units, dates, codes and names can only speak against a claim. May import the rooms below:
`rag.text`, `rag.search`, `rag.read`, `rag.values`.
"""
