"""A retriever for LlamaIndex; needs ``llama-index-core``."""

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.assistant import Assistant
from rag.integrations.passages import passages
from rag.types import Where

__all__ = ["CitewiseRetriever"]


class CitewiseRetriever(BaseRetriever):
    """Finds passages in any language for a question in any.

    Args:
        assistant: From `rag.open_assistant`; stays open as long as the retriever is used.
        k: How many passages.
        where: Restricts the documents.
    """

    def __init__(self, assistant: Assistant, k: int = 8, where: Where | None = None) -> None:
        self._assistant = assistant
        self._k = k
        self._where = where
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = passages(self._assistant, query_bundle.query_str, self._k, self._where)
        return [
            NodeWithScore(
                node=TextNode(id_=each.id, text=each.text, metadata=each.metadata), score=each.score
            )
            for each in found
        ]
