"""Several processes that train together: the role of this one in TF_CONFIG, and how they find each other.

Nothing here imports TensorFlow; engine.training.workers has what they do together.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from engine.errors import InputError, RunFailed

# How long a worker waits for the others to start: as long as a queue of jobs may take on a busy cluster.
GATHER_S = 3600.0

_POLL_S = 0.5

_KINDS = ("chief", "worker")

_EXAMPLE = '{"cluster": {"worker": ["host-0:2222", "host-1:2222"]}, "task": {"type": "worker", "index": 0}}'


class WorkerLost(RunFailed):
    """Another worker has ended or does not answer: the run cannot go on."""


class WorkerStopped(WorkerLost):
    """Another worker was stopped between two steps: all are at the same step, and their state is consistent."""


# --- roles ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClusterTask:
    """One process of a cluster, as TF_CONFIG names it: `chief` or `worker`, its index among those, its `host:port`."""

    kind: str
    index: int
    address: str

    def __str__(self) -> str:
        return f"{self.kind} {self.index} at {self.address}"


@dataclass(frozen=True)
class Role:
    """The contents of TF_CONFIG: the tasks that train together, the chief first, and which of them this process is."""

    tasks: tuple[ClusterTask, ...]
    number: int

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the log, the checkpoints and the results."""
        return self.number == 0

    @property
    def task(self) -> ClusterTask:
        """This process."""
        return self.tasks[self.number]

    @property
    def others(self) -> tuple[ClusterTask, ...]:
        """The other processes."""
        return self.tasks[: self.number] + self.tasks[self.number + 1 :]


def role(environ: Mapping[str, str]) -> Role:
    """Read this process's role from TF_CONFIG in `environ`. Imports no TensorFlow.

    Source of the format: TensorFlow's guide "Distributed training", "Setting up TF_CONFIG".

    Raises:
        InputError: TF_CONFIG is missing or invalid.
    """
    text = environ.get("TF_CONFIG", "").strip()
    if not text:
        raise InputError(f"--strategy: multi-worker needs the variable TF_CONFIG, for example {_EXAMPLE}")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused("it is not JSON") from None
    cluster, task = _part(said, "cluster"), _part(said, "task")
    tasks = [
        ClusterTask(kind, index, address) for kind in _KINDS for index, address in enumerate(_addresses(cluster, kind))
    ]
    if not tasks:
        raise _refused("cluster.worker is missing")
    if sum(each.kind == "chief" for each in tasks) > 1:
        raise _refused("cluster.chief has more than one address")
    if len({each.address for each in tasks}) < len(tasks):
        raise _refused("its cluster has an address twice")
    for number, each in enumerate(tasks):
        if each.kind == task.get("type") and str(each.index) == str(task.get("index")):
            return Role(tuple(tasks), number)
    raise _refused(f"its cluster has no task {_short(task.get('type'))} {_short(task.get('index'))}")


def _refused(reason: str) -> InputError:
    return InputError(f"TF_CONFIG: {reason}; expected for example {_EXAMPLE}")


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _part(said: Any, name: str) -> dict[str, Any]:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, dict):
        raise _refused(f"it has no object {name!r}")
    return found


def _addresses(cluster: Mapping[str, Any], kind: str) -> list[str]:
    found = cluster.get(kind, [])
    if not isinstance(found, list):
        raise _refused(f"cluster.{kind} is not a list")
    for address in found:
        host, colon, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        if not (host and colon and host.isprintable() and " " not in host and port.isascii() and port.isdigit()):
            raise _refused(f"cluster.{kind} holds {_short(address)}, which is no host:port")
        if not 1 <= int(port[:6]) <= 65535:
            raise _refused(f"cluster.{kind} holds {_short(address)}, whose port is not one of 1 to 65535")
    return found


# --- meeting --------------------------------------------------------------------------------------------------


def gather(
    role: Role,
    *,
    patience_s: float = GATHER_S,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[ClusterTask, ...]]:
    """Wait for the other workers; yields the missing ones, twice a second, until all are present.

    TensorFlow waits for them too, but holding Python's lock: then the process cannot be stopped, nor report what it
    waits for. So each worker listens at its own address until it has reached all the others at theirs.

    Raises:
        InputError: this process cannot listen at its own address.
        WorkerLost: the others do not come in time.
    """
    missing, due = role.others, clock() + patience_s
    with ExitStack() as stack:
        if missing:
            stack.enter_context(_listening(role))
        while missing := tuple(task for task in missing if not _answers(task.address)):
            if clock() > due:
                raise WorkerLost(f"{in_words(missing)}: not there within {patience_s:g} s")
            yield missing
            pause(_POLL_S)


def in_words(tasks: Sequence[ClusterTask]) -> str:
    """Name several tasks; of many, only the first few."""
    named = ", ".join(str(task) for task in tasks[:4])
    return named if len(tasks) <= 4 else f"{named} and {len(tasks) - 4} more"


def _listening(role: Role) -> socket.socket:
    """Open a socket that listens where the others look for this process."""
    port = int(role.task.address.rpartition(":")[2])
    both = socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            ("", port),
            family=socket.AF_INET6 if both else socket.AF_INET,
            dualstack_ipv6=both,
            backlog=max(8, len(role.tasks)),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"TF_CONFIG: {role.task}: cannot listen at its port {port} ({reason})") from None


def _answers(address: str) -> bool:
    """Whether something listens at `address`; it gets half a second to answer."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_POLL_S).close()
    except (OSError, UnicodeError):
        return False
    return True
