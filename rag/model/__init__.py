"""The bundled network: its weights, its tokenizer, and how it becomes an ONNX graph that runs.

Used by the embedder (`rag.index.embed`) and the reader (`rag.read`); knows neither. `rag.model.hub`
opens models of others instead. May import `rag.types` and `rag.errors`.
"""
