"""XML becomes text: elements that hold others are headings, those that hold words are lines.

Equal neighbours are a table: a line each, every value beside the name of its element.
Names of namespaces are left out.
"""

from typing import Any

from rag.index.readers.archive import parse_xml
from rag.index.readers.values import Value, blocks
from rag.index.reading import Reading, compose

__all__ = ["read"]

_Element = Any


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It is not well-formed, or nested too deep.
    """
    root = parse_xml(data.lstrip())
    title = next(
        (" ".join("".join(each.itertext()).split()) for each in root.iter() if _name(each) == "title"), ""
    )
    lang = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    made = compose(blocks({_name(root): _value(root)}))
    return Reading(made.text, title=title, lang=lang)


def _name(element: _Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element: _Element) -> Value:
    """Return the text of an element; its attributes and elements by name where it has some.

    An element with words between its elements is a paragraph, and stays one.
    """
    children = [child for child in element if isinstance(child.tag, str)]
    attributes = {name: value for name, value in element.attrib.items() if not name.startswith("{")}
    mixed = any((child.tail or "").strip() for child in children)
    text = " ".join("".join(element.itertext()).split()) if mixed or not children else ""
    if (mixed or not children) and not attributes:
        return text
    made: dict[str, Any] = dict(attributes)
    if text:
        made["text"] = text
    elif (element.text or "").strip():
        made["text"] = " ".join(element.text.split())
    if not mixed:
        for child in children:
            made.setdefault(_name(child), []).append(_value(child))
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in made.items()
    }
