"""A client of frontierd: submits results so that a retry is safe, and follows a board over broken connections.

It needs the modules that `python -m grpc_tools.protoc` makes of proto/frontier/v1; see README.md.
"""

import random
import time
import uuid

import grpc
from frontier.v1 import leaderboard_pb2 as pb
from frontier.v1 import leaderboard_pb2_grpc as rpc
from google.protobuf.duration_pb2 import Duration

# A daemon that restarts is found again within the longest pause.
PAUSE_MIN, PAUSE_MAX = 0.1, 10.0
# Codes of a restart, a proxy or a moment of load. Everything else stays as it is however often one asks.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED)


def pauses():
    """Doubling pauses, each shortened at random so that many clients do not come back at once."""
    pause = PAUSE_MIN
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(2 * pause, PAUSE_MAX)


def submit(stub, benchmark, model, score, *, cost_per_run_usd=None, tasks=None, request_id=None, patience=60.0):
    """Submits a result and answers SubmitResultResponse; what it answers is on the disk.

    The request id makes it safe to try again: the daemon answers what it answered the first time.
    """
    result = pb.Result(benchmark=benchmark, model=model, score=score)
    if cost_per_run_usd is not None:
        result.run_cost.central_usd = cost_per_run_usd
    if tasks is not None:
        result.task_count = tasks
    request = pb.SubmitResultRequest(result=result, request_id=request_id or str(uuid.uuid4()))
    deadline = time.monotonic() + patience
    for pause in pauses():
        try:
            return stub.SubmitResult(request, timeout=10)
        except grpc.RpcError as error:
            if error.code() not in PASSING or time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)


class BrokenPromise(Exception):
    """A frame that does not continue what is held."""


class Fold:
    """Boards as of one revision: what GetLeaderboard answers there, with the same detail and filters."""

    def __init__(self):
        self.store_id = ""
        self.revision = None
        self.boards = {}
        self._collecting = None

    def apply(self, frame):
        """Takes the next frame; answers its kind."""
        kind = frame.WhichOneof("frame")
        if self.store_id and frame.store_id != self.store_id:
            raise BrokenPromise(f"store {self.store_id} became {frame.store_id}")
        if self.revision is not None and frame.revision < self.revision:
            raise BrokenPromise(f"revision {self.revision} went back to {frame.revision}")
        if kind == "snapshot":
            if self._collecting is None:
                self._collecting = {}
            rows = self._collecting.setdefault(frame.snapshot.board, {})
            if frame.snapshot.first:
                rows.clear()
            rows.update((row.model, row) for row in frame.snapshot.rows)
        elif kind == "snapshot_end":
            collected = self._collecting or {}
            for size in frame.snapshot_end.boards:
                rows = collected.setdefault(size.board, {})
                if len(rows) != size.row_count:
                    raise BrokenPromise(f"{size.board}: {size.row_count} rows announced, {len(rows)} came")
            self.boards.update(collected)
            self._collecting = None
            self.revision = frame.revision
        elif kind == "delta":
            if self.revision is not None and frame.delta.from_revision != self.revision:
                raise BrokenPromise(f"a delta continues {frame.delta.from_revision}, held is {self.revision}")
            for change in frame.delta.boards:
                rows = self.boards.setdefault(change.board, {})
                for model in change.left:
                    rows.pop(model, None)
                rows.update((row.model, row) for row in change.rows)
            self.revision = frame.revision
        elif kind == "progress":
            self.revision = frame.revision
        self.store_id = frame.store_id
        return kind

    def disconnected(self):
        """Forgets a snapshot that did not complete."""
        self._collecting = None


def follow(stub, boards, *, min_interval_seconds=0.0, say=lambda text: None):
    """Yields (fold, frame) for each frame, for ever: over broken connections and restarts of the daemon."""
    fold = Fold()
    tries = pauses()
    while True:
        request = pb.WatchLeaderboardRequest(boards=boards)
        if min_interval_seconds:
            request.min_interval.CopyFrom(Duration(nanos=int(min_interval_seconds * 1e9)))
        if fold.revision is not None:
            request.after.revision = fold.revision
            request.after.store_id = fold.store_id
            # Where the daemon cannot go back that far it sends a fresh snapshot instead.
            request.after.resnapshot = True
            say(f"resuming after revision {fold.revision}")
        try:
            for frame in stub.WatchLeaderboard(request):
                fold.apply(frame)
                tries = pauses()
                yield fold, frame
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.OUT_OF_RANGE):
                # Another store, or a revision that this one has not reached: what is held is of no use.
                say(f"starting over: {error.details()}")
                fold = Fold()
            elif error.code() not in PASSING:
                raise
            else:
                say(f"connection lost: {error.details()}")
        fold.disconnected()
        time.sleep(next(tries))


def connect(addr):
    """A stub of LeaderboardService at HOST:PORT. It connects by itself, as often as it takes."""
    channel = grpc.insecure_channel(
        addr,
        options=[
            # Notices a host that vanished without a word.
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            # The pauses are ours.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1_000),
            ("grpc.max_receive_message_length", 16 * 1024 * 1024),
        ],
    )
    return rpc.LeaderboardServiceStub(channel)
