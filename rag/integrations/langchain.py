"""A retriever for LangChain; needs ``langchain-core``."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from rag.assistant import Assistant
from rag.integrations.passages import passages
from rag.types import Where

__all__ = ["CitewiseRetriever"]


class CitewiseRetriever(BaseRetriever):
    """Finds passages in any language for a question in any.

    Attributes:
        assistant: From `rag.open_assistant`; stays open as long as the retriever is used.
        k: How many passages.
        where: Restricts the documents.
    """

    assistant: Any = Field(exclude=True)
    k: int = 8
    where: Where | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - theirs
    ) -> list[Document]:
        assert isinstance(self.assistant, Assistant)
        found = passages(self.assistant, query, self.k, self.where)
        return [Document(id=each.id, page_content=each.text, metadata=each.metadata) for each in found]
