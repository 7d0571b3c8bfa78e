"""LiteLLM: as a model behind its common interface."""

import os
import sys

# Else it asks for a list of prices on the web first.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

QUESTION = "How hot does the kiln get?"


def main(url: str, key: str = "none") -> None:
    asked = {
        "model": "openai/citewise+sources",
        "api_base": f"{url}/v1",
        "api_key": key,
        "messages": [
            {"role": "system", "content": "Answer politely."},
            {"role": "user", "content": QUESTION},
        ],
        "num_retries": 0,
    }

    whole = litellm.completion(**asked)
    message = whole.choices[0].message
    assert "1,250" in message.content and "[1] Kiln" in message.content, whole
    assert message.annotations[0]["url_citation"]["title"].startswith("Kiln"), whole
    assert whole.usage.total_tokens > 0, whole
    pieces = list(litellm.completion(**asked, stream=True, stream_options={"include_usage": True}))
    text = "".join(each.choices[0].delta.content or "" for each in pieces if each.choices)
    assert "[1] Kiln" in text, pieces
    try:
        litellm.completion(**{**asked, "model": "openai/gpt-4o"})
    except litellm.exceptions.NotFoundError as exc:
        assert "citewise" in str(exc), exc
    else:
        raise AssertionError("another model is not an error")
    print("litellm ok")


main(*sys.argv[1:])
