"""Pages a second, memory, and what is lost: our PDF reader beside pypdf, pdfminer.six and markitdown.

    python -m pip install pdfminer.six 'markitdown[pdf]'    # into an environment of your own
    python bench/readers.py FILE.pdf...                      # speed on these files, losses on the hard corpus

Every reader runs in a process of its own, over the same files in the same run; the time
is that of the processor, the best of three. Losses are counted on the corpus of the tests:
a case is kept if all of its golden text is there, in order, and nothing of what cannot be seen.
"""

import importlib
import io
import json
import multiprocessing
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
READERS = ("ours", "pypdf", "pdfminer", "markitdown")
Read = Callable[[bytes], str]


def reader(name: str) -> Read:
    if name == "ours":
        from rag.index.readers import read
        from rag.index.reading import Job, Options

        return lambda data: read(data, ".pdf", Job(Options(ocr="off"))).text
    if name == "pypdf":
        from pypdf import PdfReader

        return lambda data: "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    if name == "pdfminer":
        extract = importlib.import_module("pdfminer.high_level").extract_text
        return lambda data: str(extract(io.BytesIO(data)))
    converter = importlib.import_module("markitdown").MarkItDown()
    info = importlib.import_module("markitdown").StreamInfo(extension=".pdf")
    return lambda data: str(converter.convert_stream(io.BytesIO(data), stream_info=info).markdown)


def measure(name: str, paths: list[Path], results: "multiprocessing.Queue[dict[str, object]]") -> None:
    try:
        read = reader(name)
    except ImportError:
        results.put({"missing": True})
        return
    seconds = {}
    for path in paths:
        data = path.read_bytes()
        seconds[path.name] = min(_timed(read, data) for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.put({"seconds": seconds, "peak": peak, "lost": losses(read)})


def _timed(read: Read, data: bytes) -> float:
    began = time.process_time()
    read(data)
    return time.process_time() - began


def losses(read: Read) -> list[str]:
    import hardpdf

    golden = json.loads((ROOT / "tests" / "index" / "golden" / "pdf.json").read_text(encoding="utf-8"))
    lost = []
    for name, data in hardpdf.CASES.items():
        try:
            text = read(data)
        except Exception:  # Whatever a reader raises, the file is lost.
            text = ""
        if not _holds(text, golden[name]["text"]):
            lost.append(name)
    return lost


def _holds(text: str, wanted: str) -> bool:
    """Tell whether *text* has the words of *wanted* in order; how cells are joined does not count."""
    rows = [row for row in wanted.splitlines() if row.strip()]
    place, plain = 0, _letters(text)
    for row in rows:
        for cell in re.split(r"; | / ", row):
            value = cell.split(": ", 1)[-1] if ";" in row else cell
            found = plain.find(_letters(value), place if ";" not in row else 0)
            if found < 0:
                return False
            place = found if ";" not in row else place
    unseen = ("poolopensatfour", "poolopensatfive")
    return not any(each in plain and each not in _letters(wanted) for each in unseen)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def main() -> None:
    from pypdf import PdfReader

    paths = [Path(each) for each in sys.argv[1:]] or sorted((ROOT / "eval" / "corpus").rglob("*.pdf"))
    pages = {path.name: len(PdfReader(path).pages) for path in paths}
    found = {}
    for name in READERS:
        results: multiprocessing.Queue[dict[str, object]] = multiprocessing.Queue()
        process = multiprocessing.Process(target=measure, args=(name, paths, results))
        process.start()
        found[name] = results.get()
        process.join()
    for name, result in found.items():
        if "missing" in result:
            print(f"{name}: not installed")
            continue
        seconds, lost = result["seconds"], result["lost"]
        assert isinstance(seconds, dict)
        assert isinstance(lost, list)
        rates = ", ".join(f"{each} {pages[each] / taken:.0f}" for each, taken in seconds.items())
        total = sum(pages.values()) / sum(seconds.values())
        print(f"{name}: {total:.0f} pages/s ({rates}); {result['peak']:.0f} MB; loses {len(lost)}: {lost}")


if __name__ == "__main__":
    main()
