"""What is counted and timed, in the form that Prometheus reads."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from rag.types import Answer

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self.requests: Counter = Counter(
            "citewise_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self.seconds: Histogram = Histogram(
            "citewise_request_seconds",
            "From the request line to the last byte.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.stages: Histogram = Histogram(
            "citewise_stage_seconds",
            "Of an answer: waiting for a worker, retrieve, compose.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.answers: Counter = Counter(
            "citewise_answers", "Answered, abstained, or degraded.", ["outcome"], registry=registry
        )
        self.backend_errors: Counter = Counter(
            "citewise_backend_errors", "Backends that gave no usable reply.", ["kind"], registry=registry
        )
        self.active: Gauge = Gauge("citewise_active", "Questions that are being answered.", registry=registry)
        self.waiting: Gauge = Gauge(
            "citewise_waiting", "Questions that wait for a worker.", registry=registry
        )
        self.generation: Gauge = Gauge("citewise_index_generation", "Of the index in use.", registry=registry)
        self.documents: Gauge = Gauge("citewise_index_documents", "In the index in use.", registry=registry)
        self.passages: Gauge = Gauge("citewise_index_passages", "In the index in use.", registry=registry)
        self.reloads: Counter = Counter(
            "citewise_index_reloads",
            "Published generations, taken or refused.",
            ["outcome"],
            registry=registry,
        )

    def answered(self, answer: Answer) -> None:
        """Count *answer* and its stages."""
        self.answers.labels("answered" if answer.answered else "abstained").inc()
        if answer.degraded:
            self.answers.labels("degraded").inc()
            self.backend_errors.labels("stood_in").inc()
        for stage, milliseconds in answer.timings_ms.items():
            self.stages.labels(stage).observe(milliseconds / 1000)

    def page(self) -> bytes:
        """Return all figures as text."""
        return generate_latest(self._registry)
