"""Names of months and weekdays, in any language.

The words are data: `calendar.tsv` is of CLDR (``train/tables.py``), `days_spoken.tsv` holds
short forms, plurals and spellings that those leave out. No form stands for two months: one
that does in two languages (listopad is October in Croatian, November in Polish) stands for none.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

__all__ = ["dated", "forms_of"]

_HERE: Final = Path(__file__).parent
Kind = Literal["month", "weekday"]


@lru_cache(maxsize=4)
def forms_of(kind: Kind) -> Mapping[str, int]:
    """Return the number that each form stands for: January is 1, Monday 0; "*" ends a stem."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for lang, each, number, forms in _rows():
        if each == kind:
            for form in forms:
                numbers[form] = {number} if lang == "*" else numbers[form] | {number}
    return {form: min(each) for form, each in numbers.items() if len(each) == 1}


def dated(lang: str) -> bool:
    """Tell whether the names of the months are known in *lang*, or are numbers there."""
    return lang in {"ja", "ko", "zh", "vi"} or any(lang == each for each, *_ in _rows())


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[str, str, int, tuple[str, ...]], ...]:
    rows = []
    for name in ("calendar.tsv", "days_spoken.tsv"):
        for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
            lang, kind, number, *forms = line.split("\t")
            rows.append((lang, kind, int(number), tuple(forms)))
    return tuple(rows)
