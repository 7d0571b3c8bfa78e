"""What a text consists of in any script: characters, words, sentences, paragraphs, pages, and its language.

Knows nothing of questions, passages or models. May import `rag.types`.
"""
