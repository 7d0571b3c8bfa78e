"""What a model says to itself, and other marks that are not words of its answer.

Servers are meant to keep these apart, and many pass them on as text: the template
of the model is not the one that was meant, or the model writes them where none is
expected. A mark counts where a model sets one: at the beginning, after a line or a
sentence, or joined to the word before it. "Put it into <think> tags" mentions one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["VOID", "Scanner", "kept"]

VOID = "\x18"
"""A word of `LLM.stream` that takes back every word before it; ASCII calls it "cancel".

A model whose template opens the thought for it writes only the mark that closes it,
when its thought has been passed on already.
"""

Mode = Literal["answer", "thought", "header"]

_NAME = r"(?:think|thinking|thought|reasoning|reflection|analysis|seed:think)"
_CLOSING = rf"</{_NAME}>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<channel\|>"
_KINDS = {
    "open": rf"<{_NAME}>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|channel>thought\n",
    "close": _CLOSING,
    "header": r"<\|channel\|>",
    "tool": r"<tool_call>|<function_call>|<function=|\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_calls?_begin\|>",
    "end": r"<\|(?:end|return|call|im_end|eot_id|eom_id|endoftext|end_of_text)\|>|<end_of_turn>",
    "skip": r"<\|(?:im_)?start\|>(?:assistant\n?)?|</?(?:answer|response|output|final_answer)>",
}
_MARK = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.IGNORECASE)
_BODY = "<|message|>"
# What may be the beginning of a mark, or a mark that the next words decide about: it waits for them.
_BEGUN = re.compile(
    rf"(?:[<\[◁][^>\]▷\s]{{0,24}}|<\|(?:channel>|(?:im_)?start\|>)[a-z]*|(?:{_CLOSING})[^\S\n]*)\Z",
    re.IGNORECASE,
)
# Where a mark is only mentioned: after a quotation mark, or in the middle of a sentence.
_QUOTED = re.compile(r"[`'\"“”‘’«「『(（]\Z")
_MIDWAY = re.compile(r"[^\s.!?。．！？؟।॥…:：\]］】][^\S\n]+\Z")
_GOES_ON = re.compile(r"[^\S\n]+\w")
_SEEN = 8
_LONGEST = {"thought": 40, "header": 400, "answer": 400}


@dataclass(slots=True)
class Scanner:
    """Takes a reply piece by piece, and gives the words of the answer in it.

    Attributes:
        ended: By which mark: a call of a tool, or the end; nothing after it is of the reply.
        thought: Whether there was a thought.
    """

    ended: Literal["", "tool", "end"] = ""
    thought: bool = False
    _over: bool = False
    _mode: Mode = "answer"
    _held: str = ""
    _seen: str = ""
    _words: list[str] = field(default_factory=list)

    def read(self, text: str) -> str:
        """Return the words of *text* that are sure to be of the answer; `VOID` takes back what was."""
        self._words = []
        rest = self._held + text
        while not self.ended:
            step = {"answer": self._answer, "thought": self._thought, "header": self._header}[self._mode]
            after = step(rest)
            if after is None:
                break
            rest = after
        opening = self._begun(rest)
        if self._mode == "answer" and not self.ended:
            self._say(rest[: opening.start()] if opening else rest)
            rest = rest[opening.start() :] if opening else ""
        self._held = rest[-_LONGEST[self._mode] :]
        return "".join(self._words)

    def close(self) -> str:
        """Return what was held back, when the reply is over."""
        self._over = True
        return self.read("")

    def _begun(self, text: str) -> re.Match[str] | None:
        return None if self._over else _BEGUN.search(text)

    def _answer(self, text: str) -> str | None:
        """Go on behind the next mark; None where there is none."""
        mark = _MARK.search(text)
        if mark is None or ((opening := self._begun(text)) and opening.start() <= mark.start()):
            return None
        before, after = text[: mark.start()], text[mark.end() :]
        so_far = self._seen + before
        midway = _MIDWAY.search(so_far) and (mark.lastgroup != "close" or _GOES_ON.match(after))
        if midway or _QUOTED.search(so_far):
            self._say(text[: mark.end()])
            return after
        match mark.lastgroup:
            case "skip":
                self._say(before)
            case "close":
                self._words, self._seen, self.thought = [VOID], "", True
            case "tool" | "end" as ended:
                self._say(before)
                self.ended = "tool" if ended == "tool" else "end"
            case kind:
                self._say(before)
                self._mode = "header" if kind == "header" else "thought"
        return after

    def _thought(self, text: str) -> str | None:
        self.thought = True
        for mark in _MARK.finditer(text):
            if mark.lastgroup in ("close", "header"):
                self._mode = "answer" if mark.lastgroup == "close" else "header"
                return text[mark.end() :]
        return None

    def _header(self, text: str) -> str | None:
        """Read ``analysis<|message|>``: what is not of the channel "final" is not for the reader."""
        name, body, after = text.partition(_BODY)
        if not body:
            return None
        if "to=" in name:
            self.ended = "tool"
        final = name.strip().lower().startswith("final")
        self._mode, self._seen = ("answer", "") if final else ("thought", self._seen)
        return after

    def _say(self, text: str) -> None:
        self._words.append(text)
        self._seen = (self._seen + text)[-_SEEN:]


def kept(words: Iterable[str]) -> str:
    """Return *words* joined, without those that were taken back."""
    return "".join(words).rpartition(VOID)[2]
