"""How the shipped numbers of the reader are made, from public data and questions of our own.

Needs torch and transformers (the extra `dev`) and the data that docs/reader.md lists.
Nothing else imports this folder, and it is not part of the package.

    python -m train.reader DATA    # trains and writes rag/read/reader.npz
"""
