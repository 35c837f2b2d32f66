"""Work spread over processes: the same results in the same order, whatever becomes of the processes."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from reorder.world.processes import WORTH_FORKING, count_cores, spread

ITEMS = list(range(WORTH_FORKING * 3 + 1))
HERE = os.getpid()


def _square_and_process(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_results_come_in_order_and_from_so_many_processes(cores: int) -> None:
    results = list(spread(_square_and_process, ITEMS, cores))
    assert [square for square, _ in results] == [number * number for number in ITEMS]
    processes = {process for _, process in results}
    assert 1 <= len(processes) <= cores
    assert (HERE in processes) == (cores == 1)


def test_few_items_are_not_worth_a_process() -> None:
    assert {process for _, process in spread(_square_and_process, ITEMS[: WORTH_FORKING - 1], 2)} == {HERE}


def _dies_on_the_way(number: int) -> int:
    if number == 11 and os.getpid() != HERE:
        os.kill(os.getpid(), 9)
    return number


def test_what_a_process_does_not_deliver_is_done_here() -> None:
    assert list(spread(_dies_on_the_way, ITEMS, 2)) == ITEMS


def _raises(number: int) -> int:
    if number == 30:
        raise ValueError(number)
    return number


def test_an_exception_is_raised_where_the_result_is_waited_for() -> None:
    results = spread(_raises, ITEMS, 2)
    with pytest.raises(ValueError, match="30"):
        list(results)


def _megabyte(number: int) -> bytes:
    return bytes(1_000_000)


def test_processes_end_with_the_one_who_reads() -> None:
    results = spread(_megabyte, ITEMS, 3)
    assert len(next(results)) == 1_000_000
    results.close()
    assert not multiprocessing.active_children()


def test_a_core_is_there() -> None:
    assert count_cores() >= 1
