"""Errors as clients of OpenAI's API understand them: any other form they show as "no body"."""

from rag.ui.schemas import Problem, encode

__all__ = ["fault", "reply"]

_BELOW = "/v1/"


def reply(problem: Problem, request_id: str, path: str) -> tuple[int, bytes]:
    """Return status and body of *problem*; below ``/v1/`` in the form of OpenAI's API."""
    if not path.startswith(_BELOW):
        return problem.status, problem.body(request_id)
    # A wrong field is a 400 there; clients have a class of error for it.
    status = 400 if problem.status == 422 else problem.status
    return status, encode({"error": fault(problem, request_id)})


def fault(problem: Problem, request_id: str) -> dict[str, str | None]:
    """Return what stands under ``error``."""
    kind = "server_error" if problem.status >= 500 else "invalid_request_error"
    return {
        "message": problem.message,
        "type": "rate_limit_error" if problem.status == 429 else kind,
        "param": problem.param,
        "code": problem.code,
        "request_id": request_id,
    }
