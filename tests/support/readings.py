"""What a reader made of a file, as a test compares it."""

from rag.index.reading import Reading


def masked(reading: Reading) -> list[tuple[str, str]]:
    return [(reading.text[mask.start : mask.end], mask.reason) for mask in reading.masks]
