"""From passages that were read to an answer: what is said, in which order, and what is refused.

May import `rag.read`'s results (`rag.types.Reading`), `rag.text`-like rooms and protocols.
"""
