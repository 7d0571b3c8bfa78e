"""The doors: the command line and what it wires together."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["gradio_chat"]

# Matrix products are small here and threads are used above them; those of OpenBLAS would wait for one
# another, and spin for longer than the product takes. It reads this when NumPy is first imported, so
# it is set for whole programs of ours; a program that imports `rag` keeps what it has chosen.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def gradio_chat(**options: Any) -> "gr.ChatInterface":  # noqa: ANN401 - checked by pydantic
    """Return Gradio's chat over an index, for a notebook or a Space: ``gradio_chat().launch()``.

    Args:
        options: Settings by name, as ``index="folder"`` or ``llm="ollama"``, before environment and files.

    Raises:
        RagError: A setting is wrong, or there is an index that cannot be used.
    """
    from rag import wiring
    from rag.ui import configured, gradio_page
    from rag.ui.serving import Service

    settings = wiring.chosen(configured.read(options))
    service = Service(settings, wiring.generations(settings, wiring.embedder(settings)))
    service.start()
    return gradio_page.interface(service)
