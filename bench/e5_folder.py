"""Writes the bundled weights as a sentence-transformers folder: one model for both engines."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from rag.model.weights import Weights, expand
from rag.types import Matrix

_MODULES = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
_ATTENTION = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"}
_DENSE = _ATTENTION | {"ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense"}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def write_folder(weights: Weights, folder: Path) -> None:
    """Write model, tokenizer and the e5 prompts into *folder*, some 480 MB."""
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "2_Normalize").mkdir()
    save_file(_tensors(weights), folder / "model.safetensors", metadata={"format": "pt"})
    for name, content in _files(weights).items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _tensors(weights: Weights) -> dict[str, Matrix]:
    wide, narrow = weights.intermediate, weights.hidden
    tensors = {
        "embeddings.word_embeddings.weight": expand(weights.rows("emb.word", narrow)),
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(-1, narrow),
        "embeddings.token_type_embeddings.weight": weights.vector("emb.type").reshape(-1, narrow),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
        "pooler.dense.weight": np.zeros((narrow, narrow), np.float32),
        "pooler.dense.bias": np.zeros(narrow, np.float32),
    }
    for layer in range(weights.layers):
        for short, long in _DENSE.items():
            columns = wide if short == "fo" else narrow
            tensors[f"encoder.layer.{layer}.{long}.weight"] = expand(
                weights.rows(f"l{layer}.{short}.w", columns)
            )
            tensors[f"encoder.layer.{layer}.{long}.bias"] = weights.vector(f"l{layer}.{short}.b")
        for short, long in _NORMS.items():
            tensors[f"encoder.layer.{layer}.{long}.weight"] = weights.vector(f"l{layer}.{short}.w")
            tensors[f"encoder.layer.{layer}.{long}.bias"] = weights.vector(f"l{layer}.{short}.b")
    return tensors


def _files(weights: Weights) -> dict[str, object]:
    return {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(_MODULES.items())
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": weights.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {"max_seq_length": weights.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
        "config.json": _config(weights),
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"} | _special_tokens(weights),
        "special_tokens_map.json": _special_tokens(weights),
        "tokenizer.json": _tokenizer(weights),
    }


def _config(weights: Weights) -> dict[str, object]:
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_size": weights.hidden,
        "num_hidden_layers": weights.layers,
        "num_attention_heads": weights.heads,
        "intermediate_size": weights.intermediate,
        "max_position_embeddings": weights.positions,
        "layer_norm_eps": weights.epsilon,
        "vocab_size": len(weights.rows("emb.word", weights.hidden)),
        "pad_token_id": weights.pieces.index("<pad>"),
        "torch_dtype": "float32",
    }


def _special_tokens(weights: Weights) -> dict[str, object]:
    names = {"bos_token": weights.bos, "eos_token": weights.eos, "unk_token": weights.unk}
    named: dict[str, object] = {name: weights.pieces[id_] for name, id_ in names.items()}
    return named | {"pad_token": "<pad>", "model_max_length": weights.positions}


def _tokenizer(weights: Weights) -> dict[str, object]:
    special = [{"id": id_, "content": weights.pieces[id_]} for id_ in range(4)]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False) | {"special": True}
    begin, end = (
        {"SpecialToken": {"id": weights.pieces[id_], "type_id": 0}} for id_ in (weights.bos, weights.eos)
    )
    return {
        "version": "1.0",
        "added_tokens": [token | flags for token in special],
        # The map of the file, as a library knows it: NFKC; blanks are one blank.
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
                {"type": "Strip", "strip_left": True, "strip_right": True},
            ],
        },
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": "\u2581",
            "prepend_scheme": "always",
            "split": True,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [begin, {"Sequence": {"id": "A", "type_id": 0}}, end],
            "pair": [
                begin,
                {"Sequence": {"id": "A", "type_id": 0}},
                end,
                {"Sequence": {"id": "B", "type_id": 0}},
                end,
            ],
            "special_tokens": {
                weights.pieces[id_]: {
                    "id": weights.pieces[id_],
                    "ids": [id_],
                    "tokens": [weights.pieces[id_]],
                }
                for id_ in (weights.bos, weights.eos)
            },
        },
        "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": weights.unk,
            "vocab": list(zip(weights.pieces, weights.scores.tolist(), strict=True)),
        },
    }
