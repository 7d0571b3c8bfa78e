"""LangChain: a chat model over chat completions, and over the Responses API, whose annotations it keeps."""

import sys

from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

QUESTION = "How hot does the kiln get?"


def main(url: str, key: str = "none") -> None:
    chat = ChatOpenAI(
        base_url=f"{url}/v1", api_key=key, model="citewise+sources", temperature=0, max_retries=0
    )
    asked = [SystemMessage("Answer politely."), HumanMessage(QUESTION)]

    whole = chat.invoke(asked)
    assert "1,250" in whole.content and "[1] Kiln" in whole.content, whole
    assert whole.usage_metadata["total_tokens"] > 0, whole
    pieces = list(chat.stream(asked, stream_usage=True))
    assert "[1] Kiln" in "".join(each.content for each in pieces), pieces
    assert any(each.usage_metadata for each in pieces), pieces

    newer = ChatOpenAI(
        base_url=f"{url}/v1", api_key=key, model="citewise", use_responses_api=True, max_retries=0
    ).invoke(asked)
    [block] = [each for each in newer.content if each["type"] == "text"]
    assert any("Kiln" in str(each) for each in block["annotations"]), newer
    print("langchain ok")


main(*sys.argv[1:])
