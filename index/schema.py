"""What the rows of a store mean, and which stores are refused when they are opened.

Decides the form of an index on disk and who may share one: format, embedder and
chunker. How it changes is for `rag.index.store`, how it is searched for
`rag.index.snapshot`.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.errors import IndexMismatch, IndexMissing
from rag.index import lexical
from rag.index.database import TABLES, Database, remedy
from rag.text.pages import page_at
from rag.types import Chunk, Document, Mask, Page

if TYPE_CHECKING:
    from rag.index.folder import Problem

__all__ = [
    "Identity",
    "Passage",
    "Record",
    "Root",
    "State",
    "Summary",
    "check_header",
    "chunk_id",
    "create",
    "decode_record",
    "decode_root",
    "decoded",
    "encode_record",
    "encode_root",
    "encoded",
    "is_blank",
    "parsed",
    "read_records",
    "read_roots",
    "read_state",
    "read_text",
    "require",
    "write_record",
    "write_root",
    "write_state",
]

# "CITE" in the database header tells our files from other programs' databases.
_APPLICATION_ID = 0x43495445
_FORMAT = 4
_CHUNK_ID = re.compile(r"(?P<doc_id>.*)#(?P<start>[0-9]+)-(?P<end>[0-9]+)", re.DOTALL)
_TABLES = tuple(
    f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, body BLOB NOT NULL, seal BLOB NOT NULL)"
    for table in TABLES
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What vectors and passages depend on; another one cannot share an index.

    Attributes:
        embedder: `rag.protocols.Embedder.fingerprint`.
        chunker: Fingerprint of cleaning and chunking.
        dim: Length of every vector.
        analyser: Fingerprint of the tokens of lexical search.
    """

    embedder: str
    chunker: str
    dim: int
    analyser: str = lexical.ANALYSER


@dataclass(frozen=True, slots=True)
class State:
    """What the store says about itself: one row, replaced in every transaction.

    Attributes:
        generation: Counts the transactions that changed what a search can find,
            so two snapshots of one generation hold the same.
        documents, passages, roots: How many there are: a row that is gone leaves no trace.
        lexicon: Digest of the FTS5 tables, which have no seals of their own; empty from the first
            change of a run to its end, and a run that was killed leaves it so.
        dense: Generation, transform and SHA-256 of the last FAISS file.
        updated: When a run last changed what is here, ISO 8601 in UTC; empty before the first.
        settled: No run was ended between its first document and its last.
    """

    identity: Identity
    generation: int = 0
    documents: int = 0
    passages: int = 0
    roots: int = 0
    lexicon: str = ""
    dense: tuple[int, str, str] | None = None
    updated: str = ""
    settled: bool = True


class Passage(NamedTuple):
    """A chunk without what its document already tells."""

    start: int
    end: int
    lang: str
    heading: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A document without its text; `passages` counts them, and `pages` those of formats that have any."""

    doc_id: str
    title: str
    lang: str
    date: date | None
    root: str
    passages: int
    author: str
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A document without its text, and its passages in reading order.

    Passages are numbered through the whole store: those of this document are
    ``first``, ``first + 1`` and so on in `vectors`, `signs`, `terms` and `lexicon`; its
    own row and its text have the number ``first``.
    """

    first: int
    doc_id: str
    root: str
    title: str
    lang: str
    date: date | None
    sha256: str
    boilerplate: tuple[Mask, ...]
    author: str
    pages: tuple[Page, ...]
    left_out: tuple[str, ...]
    passages: tuple[Passage, ...]

    @property
    def after(self) -> int:
        """The first number that belongs to another document."""
        return self.first + max(1, len(self.passages))

    def summary(self) -> Summary:
        """Return what a list of documents shows."""
        count = len(self.passages)
        pages = len(self.pages)
        return Summary(self.doc_id, self.title, self.lang, self.date, self.root, count, self.author, pages)

    def document(self, text: str) -> Document:
        """Return the document with its *text*."""
        return Document(
            self.doc_id,
            self.title,
            text,
            self.lang,
            self.date,
            self.sha256,
            self.boilerplate,
            self.author,
            self.pages,
            self.left_out,
        )

    def chunk(self, place: int, text: str) -> Chunk:
        """Return the passage at *place* (from 0) of the document's *text*."""
        start, end, lang, heading = self.passages[place]
        name = chunk_id(self.doc_id, start, end)
        page = page_at(self.pages, start)
        return Chunk(name, self.doc_id, start, end, text[start:end], lang, heading, page.number, page.label)


@dataclass(frozen=True, slots=True)
class Root:
    """An indexed folder.

    Attributes:
        path: Absolute.
        prefix: What the ids of its documents begin with, empty for the first folder.
        problems: Of its last run.
    """

    path: str
    prefix: str
    problems: "tuple[Problem, ...]" = ()


def chunk_id(doc_id: str, start: int, end: int) -> str:
    """Return the one name that a passage can have."""
    return f"{doc_id}#{start}-{end}"


def parsed(name: str) -> tuple[str, int, int] | None:
    """Return document, start and end of what `chunk_id` made, None if it made no such name."""
    match = _CHUNK_ID.fullmatch(name)
    return (match["doc_id"], int(match["start"]), int(match["end"])) if match else None


def is_blank(database: Database) -> bool:
    """Tell whether nothing was ever committed."""
    return database.pragma("application_id") == 0 and not database.rows("SELECT 1 FROM sqlite_schema LIMIT 1")


def create(database: Database, identity: Identity) -> State:
    """Make the tables of an empty index in the open transaction of a blank *database*."""
    for statement in (*_TABLES, *lexical.SCHEMA):
        database.rows(statement)
    database.rows(f"PRAGMA application_id = {_APPLICATION_ID}")
    database.rows(f"PRAGMA user_version = {_FORMAT}")
    lexical.flush(database.rows)
    state = State(identity, lexicon=lexical.digest(database.rows))
    write_state(database, state)
    return state


def check_header(database: Database) -> None:
    """Raise unless *database* is an index in the form that this version reads."""
    if is_blank(database):
        raise IndexMissing(database.path)
    if database.pragma("application_id") != _APPLICATION_ID:
        raise database.damaged("it is not the database of an index")
    if (found := database.pragma("user_version")) != _FORMAT:
        raise IndexMismatch(
            f"The index in {str(database.path)!r} has format {found}; this version reads format {_FORMAT}. "
            f"{remedy(database.path)}"
        )
    made = database.rows(
        "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'lexicon~_%' ESCAPE '~' ORDER BY rowid"
    )
    if [sql for (sql,) in made] != [*_TABLES, *lexical.SCHEMA]:
        raise database.damaged("its tables are not those of an index")


def require(state: State, identity: Identity, database: Database) -> None:
    """Raise `IndexMismatch` when the index was built under another *identity*."""
    built = asdict(state.identity)
    for what, value in asdict(identity).items():
        if built[what] != value:
            raise IndexMismatch(
                f"The index in {str(database.path)!r} was built with {what} {built[what]!r}; "
                f"the one in force is {value!r}. {remedy(database.path)}"
            )


def read_state(database: Database) -> State:
    """Return what an open store says about itself."""
    ((_, body),) = database.read("state", [0])
    fields = decoded(body)
    dense = fields["dense"] and tuple(fields["dense"])
    return State(**fields | {"identity": Identity(**fields["identity"]), "dense": dense})


def write_state(database: Database, state: State) -> None:
    """Replace the state in the open transaction."""
    database.write("state", 0, encoded(asdict(state)))


def read_records(database: Database, state: State) -> list[Record]:
    """Return all documents in the order of `first`, once they and the lexicon agree with *state*."""
    records = [decode_record(first, body) for first, body in database.read("documents")]
    found = (len(records), sum(len(record.passages) for record in records))
    if found != (state.documents, state.passages):
        wanted = (state.documents, state.passages)
        raise database.damaged(f"it holds {found} documents and passages, not {wanted}")
    if state.lexicon and lexical.digest(database.rows) != state.lexicon:
        raise database.damaged("the lexical index is not what was written")
    return records


def decode_record(first: int, body: bytes) -> Record:
    """Return what `encode_record` was given."""
    fields = decoded(body)
    fields["date"] = fields["date"] and date.fromisoformat(fields["date"])
    fields["boilerplate"] = tuple(Mask(*mask) for mask in fields["boilerplate"])
    fields["pages"] = tuple(Page(*page) for page in fields["pages"])
    fields["left_out"] = tuple(fields["left_out"])
    # One string for what is said of many passages: the languages of all, the headings of a document.
    headings: dict[str, str] = {}
    fields["passages"] = tuple(
        Passage(start, end, intern(lang), headings.setdefault(heading, heading))
        for start, end, lang, heading in fields["passages"]
    )
    return Record(first, **fields)


def write_record(database: Database, record: Record) -> None:
    """Insert or replace a document's own row in the open transaction."""
    database.write("documents", record.first, encode_record(record))


def encode_record(record: Record) -> bytes:
    """Return all of *record* but its number."""
    fields: dict[str, object] = {
        "doc_id": record.doc_id,
        "root": record.root,
        "title": record.title,
        "lang": record.lang,
        "date": record.date and record.date.isoformat(),
        "sha256": record.sha256,
        "boilerplate": [[mask.start, mask.end, mask.reason] for mask in record.boilerplate],
        "author": record.author,
        "pages": [[page.start, page.number, page.label] for page in record.pages],
        "left_out": record.left_out,
        "passages": record.passages,
    }
    return encoded(fields)


def read_text(database: Database, record: Record) -> str:
    """Return the text of a document."""
    ((_, body),) = database.read("texts", [record.first])
    return body.decode()


def read_roots(database: Database, state: State) -> list[Root]:
    """Return the indexed folders in the order in which they came."""
    return [decode_root(body) for _, body in database.read("roots", list(range(state.roots)))]


def decode_root(body: bytes) -> Root:
    """Return what `encode_root` was given."""
    fields = decoded(body)
    if not fields["problems"]:
        return Root(**fields | {"problems": ()})
    from rag.index.folder import Problem as Found  # it brings the readers of every kind of file along

    return Root(**fields | {"problems": tuple(Found(*problem) for problem in fields["problems"])})


def write_root(database: Database, number: int, root: Root) -> None:
    """Insert or replace the folder that came as *number* (from 0) in the open transaction."""
    database.write("roots", number, encode_root(root))


def encode_root(root: Root) -> bytes:
    """Return *root* as the body of a row."""
    problems = [[problem.doc_id, problem.reason, problem.fatal] for problem in root.problems]
    return encoded({"path": root.path, "prefix": root.prefix, "problems": problems})


# File names that are not valid Unicode arrive with lone surrogates, which JSON can carry.
def encoded(fields: object) -> bytes:
    """Return *fields* as the body of a row."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decoded(body: bytes) -> Any:  # noqa: ANN401 (it is JSON)
    """Return what `encoded` was given."""
    return json.loads(body.decode("utf-8", "surrogatepass"))
