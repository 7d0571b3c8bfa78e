"""LlamaIndex: its model for servers that speak OpenAI's protocol."""

import sys

from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

QUESTION = "How hot does the kiln get?"


def main(url: str, key: str = "none") -> None:
    model = OpenAILike(
        model="citewise+sources", api_base=f"{url}/v1", api_key=key, is_chat_model=True, max_retries=0
    )
    asked = [
        ChatMessage(role="system", content="Answer politely."),
        ChatMessage(role="user", content=QUESTION),
    ]

    whole = model.chat(asked)
    assert "1,250" in whole.message.content and "[1] Kiln" in whole.message.content, whole
    pieces = [each.delta or "" for each in model.stream_chat(asked)]
    assert "[1] Kiln" in "".join(pieces), pieces
    print("llamaindex ok")


main(*sys.argv[1:])
