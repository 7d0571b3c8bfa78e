"""From passages that were read to an answer: what is said, in which order, and what is refused.

`rag.answer.compose` answers without a model, `rag.answer.prompt` tells a model what to do, and
`rag.answer.conflicts` shows what other documents say. May import the rooms below, down from `rag.verify`.
"""
