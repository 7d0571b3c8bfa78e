"""YAML becomes text: see `rag.index.readers.values`. Values stay as they are written."""

import yaml

from rag.index.readers.text import decoded
from rag.index.readers.values import blocks
from rag.index.reading import Reading, Unreadable, compose

__all__ = ["read"]


def read(data: bytes) -> Reading:
    """Read the documents of a file.

    Raises:
        Unreadable: It is no YAML, or refers to itself to become too much.
    """
    text, doubt = decoded(data)
    try:
        # Of the base loader: tags make no objects, and a date is what was typed.
        documents = list(yaml.load_all(text, Loader=yaml.BaseLoader))
    except yaml.YAMLError as exc:
        raise Unreadable(
            f"is not YAML ({' '.join(str(exc).split())[:120]}). Mend it, or name it .txt"
        ) from exc
    title = documents[0].get("title", "") if documents and isinstance(documents[0], dict) else ""
    made = compose(block for document in documents for block in blocks(document))
    return Reading(made.text, title=title if isinstance(title, str) else "", doubt=doubt)
