"""How well the reader reads articles that it has not seen: span overlap, and answers told from the rest."""

import random
from collections import defaultdict

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from train.examples import Example, encode
from train.model import Reader, collate
from train.sources import Question, Sources

__all__ = ["measure"]

MOST = 120
LONGEST = 40


def measure(
    reader: Reader, tokenizer: PreTrainedTokenizerFast, sources: Sources, held_out: frozenset[str]
) -> None:
    """Print for each set the share of overlapping spans, and the AUROC against other paragraphs."""
    rng = random.Random(7)
    reader.eval()
    rows: dict[str, list[Question]] = defaultdict(list)
    for name, questions in sources.single.items():
        rows[name] += [each for each in questions if each.answer and each.paragraph.article in held_out]
    for langs in sources.parallel.values():
        asked, read = rng.sample(sorted(langs), 2)
        if langs[read].paragraph.article in held_out:
            rows[f"xquad {read}"].append(langs[read])
            rows["xquad across"].append(
                Question("cross", asked, langs[asked].text, langs[read].paragraph, langs[read].answer)
            )
    found = [_one(reader, tokenizer, sources, name, questions, rng) for name, questions in rows.items()]
    overlap, auroc = np.mean([each for each in found if each], axis=0)
    print(f"mean overlap {overlap:.3f}  AUROC {auroc:.3f}")
    reader.train()


def _one(
    reader: Reader,
    tokenizer: PreTrainedTokenizerFast,
    sources: Sources,
    name: str,
    questions: list[Question],
    rng: random.Random,
) -> tuple[float, float] | None:
    picked = rng.sample(questions, min(MOST, len(questions)))
    right = [e for q in picked if (e := encode(tokenizer, q, "", 224, rng))]
    others = [q for q in picked if (o := _other(sources, q, rng)) is not None for q in [o]]
    wrong = [e for q in others if (e := encode(tokenizer, q, "", 224, rng))]
    if len(right) < 20 or len(wrong) < 20:
        return None
    spans, good = _read(reader, right)
    _, bad = _read(reader, wrong)
    overlap = float(
        np.mean([a <= e.ends[0] and b >= e.starts[0] for (a, b), e in zip(spans, right, strict=True)])
    )
    auroc = float(np.mean([[(g > b) + 0.5 * (g == b) for b in bad] for g in good]))
    print(f"{name:14s} n {len(right):4d}  overlap {overlap:.3f}  AUROC {auroc:.3f}", flush=True)
    return overlap, auroc


def _other(sources: Sources, question: Question, rng: random.Random) -> Question | None:
    paragraph = question.paragraph
    same = [
        each
        for each in sources.paragraphs.values()
        if each.article == paragraph.article and each.lang == paragraph.lang and each.key != paragraph.key
    ]
    if not same:
        return None
    return Question(question.source, question.lang, question.text, rng.choice(same), None)


def _read(reader: Reader, examples: list[Example]) -> tuple[list[tuple[int, int]], list[float]]:
    """Return the best span of each example and the logit of its answering."""
    spans: list[tuple[int, int]] = []
    scores: list[float] = []
    for at in range(0, len(examples), 16):
        part = examples[at : at + 16]
        batch = collate([[each] for each in part])
        with torch.no_grad():
            logits, verdicts, _ = reader(batch.ids, batch.mask)
        logits = logits + batch.allowed[:, :, None]
        for each, row, verdict in zip(part, logits, verdicts, strict=True):
            both = (
                row[each.passage : len(each.ids) - 1, 0, None]
                + row[None, each.passage : len(each.ids) - 1, 1]
            )
            both = both.triu().masked_fill(torch.ones_like(both).tril(-1) > 0, -1e4)
            both = both.masked_fill(torch.ones_like(both).triu(LONGEST) > 0, -1e4)
            start, end = divmod(int(both.argmax()), both.shape[1])
            spans.append((start + each.passage, end + each.passage))
            scores.append(float(verdict[0]))
    return spans, scores
