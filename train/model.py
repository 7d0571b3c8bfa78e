"""The reader as a torch module: the bundled encoder with four small heads."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from train.examples import EOS, PAD, Example, Group

__all__ = ["Batch", "Losses", "Reader", "collate"]

OFF = -1e4


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples as tensors, padded; ``(n, tokens)`` unless said otherwise.

    Attributes:
        allowed: 0 where a span may begin or end (the passage and the begin mark), else a large negative.
        starts, ends: 1 at the right places.
        answers, labels: ``(n,)``, -1 where there are none.
        pairs: ``(p, 2)``: rows of one question, the first with the better passage.
    """

    ids: Tensor
    mask: Tensor
    allowed: Tensor
    starts: Tensor
    ends: Tensor
    answers: Tensor
    labels: Tensor
    pairs: Tensor


def collate(groups: list[Group]) -> Batch:
    """Return *groups* as one batch."""
    rows: list[Example] = [each for group in groups for each in group]
    width = max(len(row.ids) for row in rows)
    shape = (len(rows), width)
    ids, mask = torch.full(shape, PAD), torch.zeros(shape)
    allowed, starts, ends = torch.full(shape, OFF), torch.zeros(shape), torch.zeros(shape)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        mask[i, : len(row.ids)] = 1
        allowed[i, 0] = 0
        allowed[i, row.passage : len(row.ids) - 1] = 0
        starts[i, row.starts] = 1
        ends[i, row.ends] = 1
        assert row.ids[-1] == EOS
    pairs, at = [], 0
    for group in groups:
        if len(group) == 2 and (group[0].answers, group[1].answers) == (1, 0):
            pairs.append([at, at + 1])
        at += len(group)
    answers, labels = (torch.tensor([getattr(row, name) for row in rows]) for name in ("answers", "label"))
    return Batch(ids, mask, allowed, starts, ends, answers, labels, torch.tensor(pairs).reshape(-1, 2))


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean losses of a batch; zero where it has no example of the kind."""

    span: Tensor
    answers: Tensor
    order: Tensor
    claim: Tensor

    def total(self) -> Tensor:
        """Return what is minimised."""
        return self.span + 0.5 * self.answers + 0.25 * self.order + self.claim


class Reader(nn.Module):
    """Encoder and heads: `span` (start, end), `verdict` (answers, relevance) and `claim` (three labels).

    Args:
        folder: The bundled weights as a Hugging Face folder.
        frozen: How many of the lower layers stay as they are, beside the vocabulary.
    """

    def __init__(self, folder: Path, frozen: int) -> None:
        super().__init__()
        # Without dropout: drawing its random numbers takes longer than the products, and an
        # example is seen twice at most. "eager": the fused attention's backward pass is slower on a CPU.
        self.encoder = BertModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        hidden = self.encoder.config.hidden_size
        self.span, self.verdict, self.claim = nn.Linear(hidden, 2), nn.Linear(hidden, 2), nn.Linear(hidden, 3)
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:frozen]):
            part.requires_grad_(False)

    def heads(self) -> list[nn.Parameter]:
        """Return the weights that begin at random."""
        return [p for head in (self.span, self.verdict, self.claim) for p in head.parameters()]

    def body(self) -> list[nn.Parameter]:
        """Return the weights of the encoder that learn."""
        return [p for p in self.encoder.parameters() if p.requires_grad]

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return spans ``(n, tokens, 2)``, verdicts ``(n, 2)`` and claims ``(n, 3)``."""
        with torch.autocast("cuda" if ids.is_cuda else "cpu", torch.bfloat16):
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        states = states.float()
        return self.span(states), self.verdict(states[:, 0]), self.claim(states[:, 0])

    def losses(self, batch: Batch) -> Losses:
        """Return the losses of *batch*."""
        spans, verdicts, claims = self(batch.ids, batch.mask)
        asked, told = batch.answers >= 0, batch.labels >= 0
        zero = spans.sum() * 0
        ends = [
            _marginal(spans[asked, :, k] + batch.allowed[asked], right[asked])
            for k, right in enumerate((batch.starts, batch.ends))
        ]
        binary = nn.functional.binary_cross_entropy_with_logits
        order = verdicts[:, 1]
        better, worse = batch.pairs[:, 0], batch.pairs[:, 1]
        return Losses(
            (ends[0] + ends[1]) / 2 if asked.any() else zero,
            binary(verdicts[asked, 0], batch.answers[asked].float()) if asked.any() else zero,
            nn.functional.softplus(order[worse] - order[better]).mean() if len(batch.pairs) else zero,
            nn.functional.cross_entropy(claims[told], batch.labels[told]) if told.any() else zero,
        )


def _marginal(logits: Tensor, right: Tensor) -> Tensor:
    """Return the mean of -log P(any of the *right* places)."""
    held = logits.masked_fill(right == 0, -torch.inf)
    return (logits.logsumexp(-1) - held.logsumexp(-1)).mean()
