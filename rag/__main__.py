"""``python -m rag`` is the command line."""

from rag.ui.cli import main

if __name__ == "__main__":
    main()
