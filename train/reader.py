"""Train the reader and write the file that ships.

    python -m train.reader DATA --out rag/read/reader.npz [--work DIR] [--examples N] [--resume]

DATA holds ``train/`` and ``ntrex/`` (docs/reader.md). Every ten minutes all that is
needed to go on is written into the work folder; with ``--resume`` a run that was
stopped goes on exactly as it would have.
"""

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from e5_folder import write_folder
from transformers import PreTrainedTokenizerFast

from rag.model.weights import read_weights
from train.examples import Examples, Group
from train.export import export, restore
from train.measure import measure
from train.model import Batch, Reader, collate
from train.near import near_paragraphs
from train.sources import Sources

SEED = 20261201
ROWS = 24  # examples a step, about
POOL = 16  # steps whose examples are sorted by length together
CHECKPOINT_S = 300.0
HELD_OUT = 1 / 14


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    folder = options.work / "encoder"
    if not folder.exists():
        write_folder(read_weights(), folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    sources = Sources(options.data)
    held_out = held_out_articles(sources)
    near = near_paragraphs(sources, options.work / "near.npz")
    examples = Examples(sources, tokenizer, near, held_out)
    reader = Reader(folder, options.frozen).to(options.device)
    if options.start:
        restore(reader, options.start)
    train(reader, examples, options)
    measure(reader, tokenizer, sources, held_out)
    export(reader, options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("rag/read/reader.npz"))
    parser.add_argument("--work", type=Path, default=Path(".cache/reader"))
    parser.add_argument("--examples", type=int, default=60_000)
    parser.add_argument("--frozen", type=int, default=4, help="lower layers that stay as they are")
    parser.add_argument(
        "--rate", type=float, default=2e-4, help="learning rate of the encoder at its highest"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--start", type=Path, help="go on from this file, as rag/read/reader.npz, in a new run"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the last checkpoint of the work folder"
    )
    return parser.parse_args()


def held_out_articles(sources: Sources) -> frozenset[str]:
    """Return the articles that are kept for measuring."""
    articles = sorted({paragraph.article for paragraph in sources.paragraphs.values()})
    return frozenset(random.Random(SEED).sample(articles, round(len(articles) * HELD_OUT)))


def train(reader: Reader, examples: Examples, options: argparse.Namespace) -> None:
    """Run the examples through *reader*; the rate rises over 3 % of them and falls to zero."""
    optimizer = torch.optim.AdamW(
        [{"params": reader.body(), "lr": options.rate}, {"params": reader.heads(), "lr": 1e-3}],
        weight_decay=0.01,
        fused=True,
    )
    tops = [group["lr"] for group in optimizer.param_groups]
    checkpoint = options.work / "checkpoint.pt"
    pool = seen = 0
    if options.resume:
        state = torch.load(checkpoint, weights_only=True)
        reader.load_state_dict(state["reader"])
        optimizer.load_state_dict(state["optimizer"])
        pool, seen = state["pool"], state["seen"]
    reader.train()
    began = saved = time.monotonic()
    shown: list[list[float]] = []
    first = seen
    while seen < options.examples:
        # Dropout and examples depend on the pool alone, so a resumed run repeats nothing.
        torch.manual_seed(SEED + pool)
        for batch in batches(examples, pool):
            progress = seen / options.examples
            for group, top in zip(optimizer.param_groups, tops, strict=True):
                group["lr"] = top * min(1.0, progress / 0.03 + 0.01) * max(0.0, 1 - progress)
            losses = reader.losses(_moved(batch, options.device))
            optimizer.zero_grad()
            losses.total().backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            seen += len(batch.ids)
            shown.append([each.item() for each in (losses.span, losses.answers, losses.order, losses.claim)])
        pool += 1
        rate = (seen - first) / (time.monotonic() - began)
        means = [sum(column) / len(column) for column in zip(*shown[-4 * POOL :], strict=True)]
        print(
            f"{seen:7,d} of {options.examples:,}  span {means[0]:.3f}  answers {means[1]:.3f}  "
            f"order {means[2]:.3f}  claims {means[3]:.3f}  {rate:.1f} examples/s",
            flush=True,
        )
        if time.monotonic() - saved > CHECKPOINT_S:
            saved = time.monotonic()
            _save(
                checkpoint, reader=reader.state_dict(), optimizer=optimizer.state_dict(), pool=pool, seen=seen
            )
    _save(checkpoint, reader=reader.state_dict(), optimizer=optimizer.state_dict(), pool=pool, seen=seen)


def batches(examples: Examples, pool: int) -> Iterator[Batch]:
    """Yield the steps of pool number *pool*, each of groups of about one length."""
    rng = random.Random(f"{SEED}/{pool}")
    groups: list[Group] = []
    while sum(map(len, groups)) < POOL * ROWS:
        groups.append(examples.draw(rng))
    groups.sort(key=lambda group: max(len(each.ids) for each in group))
    cut: list[list[Group]] = [[]]
    for group in groups:
        if sum(map(len, cut[-1])) >= ROWS:
            cut.append([])
        cut[-1].append(group)
    rng.shuffle(cut)
    yield from map(collate, cut)


def _moved(batch: Batch, device: str) -> Batch:
    return Batch(*(getattr(batch, name).to(device) for name in Batch.__dataclass_fields__))


def _save(path: Path, **state: Any) -> None:
    new = path.with_suffix(".new")
    torch.save(state, new)
    new.replace(path)


if __name__ == "__main__":
    main()
