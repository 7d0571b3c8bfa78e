"""From a question to the passages nearest to it: by vectors, by words and by tokens, in one order.

The door is `rag.search.retrieve.Retriever`. May import the rooms below: `rag.text`, `rag.model`.
"""
