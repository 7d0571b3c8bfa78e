"""Replies are read the same however the network cuts them, and never beyond a bound."""

import gzip
import json
import zlib
from collections.abc import Sequence
from contextlib import suppress

import pytest
from documents import SAMPLES
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import BackendMalformed
from rag.llm.body import MAX_BYTES, documents, inflated

TEXTS = st.one_of(st.sampled_from(list(SAMPLES.values())), st.text(max_size=40))
OBJECTS = st.lists(st.dictionaries(st.sampled_from("abc"), TEXTS, min_size=1), min_size=1, max_size=5)
LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def cuts(draw: st.DrawFn, data: bytes) -> list[bytes]:
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=20)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@st.composite
def event_streams(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[bytes]]:
    objects = draw(OBJECTS)
    data = b""
    for each in objects:
        end = draw(LINE_ENDS)
        noise = draw(
            st.sampled_from([b"", b": comment" + end, b"event: x" + end, b"id: 1" + end + b"retry: 2" + end])
        )
        data += noise + b"data: " + json.dumps(each, ensure_ascii=False).encode() + end + end
    return objects, draw(cuts(data))


@given(event_streams())
def test_events_do_not_depend_on_where_they_are_cut(case: tuple[list[dict[str, str]], list[bytes]]) -> None:
    """Server-sent events give the same objects for any line ends, comments and chunks."""
    objects, chunks = case

    assert objects == list(documents(chunks))


@given(st.data(), OBJECTS)
def test_json_lines_do_not_depend_on_where_they_are_cut(
    data: st.DataObject, objects: list[dict[str, str]]
) -> None:
    """The same for JSON lines, and U+2028 inside a string is no line end."""
    body = b"\n".join(json.dumps(each, ensure_ascii=False).encode() for each in objects)

    assert objects == list(documents(data.draw(cuts(body))))


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_do_anything_but_parse_or_be_refused(chunks: Sequence[bytes]) -> None:
    """Random bytes end in objects or in `BackendMalformed`."""
    with suppress(BackendMalformed):
        assert all(isinstance(document, dict) for document in documents(chunks))


@given(
    st.lists(
        st.sampled_from([b"data:", b"event: error", b"\n", b"\r", b"{", b'{"a":1}', b"[DONE]", b":", b" "])
    )
)
def test_no_framing_does_anything_but_parse_or_be_refused(chunks: Sequence[bytes]) -> None:
    """The same for pieces of the protocol in any order."""
    with suppress(BackendMalformed):
        assert all(isinstance(document, dict) for document in documents(chunks))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "GZIP "])
def test_compressed_replies_are_read(encoding: str) -> None:
    """A server may compress though it was asked not to."""
    compress = zlib.compress if encoding == "deflate" else gzip.compress
    body = compress("".join(SAMPLES.values()).encode())

    chunks = [body[start : start + 10] for start in range(0, len(body), 10)]

    assert "".join(SAMPLES.values()) == b"".join(inflated(chunks, encoding)).decode()


@pytest.mark.parametrize(("size", "fits"), [(MAX_BYTES, True), (MAX_BYTES + 1, False), (100_000_000, False)])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_no_more_is_read_than_allowed(size: int, fits: bool, encoding: str) -> None:
    """The bound counts decoded bytes, to the byte, and holds while they are being decoded."""
    block = b"0" * 1_000_000
    blocks = (block[: min(len(block), size - start)] for start in range(0, size, len(block)))
    chunks = [gzip.compress(b"0" * size)] if encoding else blocks
    read = 0

    try:
        for data in inflated(chunks, encoding):
            read += len(data)
        assert fits
    except BackendMalformed:
        assert not fits

    assert read <= MAX_BYTES
