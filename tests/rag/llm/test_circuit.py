"""A backend that keeps failing is left alone, then tried by one caller at a time."""

from dataclasses import dataclass

import pytest

from rag.errors import BackendPaused
from rag.llm.circuit import FAILURES, REST_S, WITHIN_S, Circuit


@dataclass
class Clock:
    """Time that passes when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def admitted(circuit: Circuit) -> bool:
    try:
        circuit.admit("http://x")
    except BackendPaused:
        return False
    return True


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(clock)
    for _ in range(FAILURES):
        circuit.failed()
    return circuit


def test_it_opens_after_five_failures() -> None:
    """Four failures change nothing; the fifth within the window opens it."""
    circuit = Circuit(Clock())

    states = []
    for _ in range(FAILURES):
        states.append(admitted(circuit))
        circuit.failed()

    assert [True] * FAILURES == states
    with pytest.raises(BackendPaused, match=r"http://x.* 15 s"):
        circuit.admit("http://x")


def test_failures_long_ago_do_not_count() -> None:
    """Five failures spread over more than the window leave it closed."""
    clock = Clock()
    circuit = Circuit(clock)

    for _ in range(FAILURES * 2):
        circuit.failed()
        clock.now += WITHIN_S / (FAILURES - 1) + 0.1

    assert admitted(circuit)


def test_a_success_forgets_the_failures() -> None:
    """Four failures, a success and four failures are not eight."""
    circuit = Circuit(Clock())

    for _ in range(2):
        for _ in range(FAILURES - 1):
            circuit.failed()
        circuit.succeeded()

    assert admitted(circuit)


def test_one_caller_tries_after_the_rest() -> None:
    """Half-open lets one through; its failure keeps the others out, its success lets them in."""
    clock = Clock()
    circuit = opened(clock)

    clock.now += REST_S - 1
    early = admitted(circuit)
    clock.now += 1
    half_open = [admitted(circuit), admitted(circuit)]
    circuit.failed()
    clock.now += REST_S - 1
    failed = admitted(circuit)
    clock.now += 1
    again = admitted(circuit)
    circuit.succeeded()

    assert (False, [True, False], False, True) == (early, half_open, failed, again)
    assert [True, True] == [admitted(circuit), admitted(circuit)]


def test_a_caller_who_never_reports_back_blocks_nobody_for_long() -> None:
    """An abandoned trial is followed by another after the same rest."""
    clock = Clock()
    circuit = opened(clock)

    clock.now += REST_S
    first = admitted(circuit)
    clock.now += REST_S
    second = admitted(circuit)

    assert (True, True) == (first, second)
