"""Submits results on one stream and watches them arrive: in order, none missing, none twice.

Usage: submit_and_watch.py HOST:PORT BENCHMARK COUNT
"""

import sys
import threading

import grpc
from frontier.v1 import leaderboard_pb2 as pb
from frontier.v1 import leaderboard_pb2_grpc

PATIENCE = 60


def score_of(number):
    return (number * 37 % 1000) / 10


def items(benchmark, count):
    for number in range(count):
        result = pb.Result(benchmark=benchmark, model=f"python/m{number % 7}", score=score_of(number))
        yield pb.SubmitResultsRequest(
            result=result,
            request_id=f"item-{number}",
            answer_detail=pb.ANSWER_DETAIL_BRIEF,
        )


class Watch(threading.Thread):
    """Keeps what every delta says about results, in order."""

    def __init__(self, stub, benchmark):
        super().__init__(daemon=True)
        self.call = stub.WatchLeaderboard(pb.WatchLeaderboardRequest(boards=[benchmark]), timeout=PATIENCE)
        self.ready = threading.Event()
        self.held = None
        self.until = None
        self.changed = threading.Condition()
        self.results = {}
        self.order = []
        self.problem = None

    def run(self):
        try:
            for frame in self.call:
                with self.changed:
                    self.take(frame)
                    self.changed.notify_all()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                self.fail(f"the watch ended: {error.code()} {error.details()}")
        except AssertionError as error:
            self.fail(str(error))

    def fail(self, problem):
        with self.changed:
            self.problem = problem
            self.ready.set()
            self.changed.notify_all()

    def take(self, frame):
        kind = frame.WhichOneof("frame")
        assert self.held is None or frame.revision >= self.held, "a revision went back"
        if kind == "delta":
            assert frame.delta.from_revision == self.held, f"{self.held} then {frame.delta.from_revision}"
            assert frame.revision > self.held, "a revision twice"
            assert frame.revision == self.held + 1, "folded although nothing asked for it"
            for board in frame.delta.boards:
                for row in board.rows:
                    self.order.append(row.result_revision)
                    self.results[row.result_revision] = (row.model, row.score)
        if kind != "snapshot":
            self.held = frame.revision
        if kind == "snapshot_end":
            self.ready.set()

    def wait_until(self, revision):
        with self.changed:
            caught_up = self.changed.wait_for(
                lambda: self.problem or (self.held is not None and self.held >= revision), PATIENCE
            )
        assert self.problem is None, self.problem
        assert caught_up, f"held {self.held}, waited for {revision}"


def main():
    address, benchmark, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with grpc.insecure_channel(address) as channel:
        stub = leaderboard_pb2_grpc.LeaderboardServiceStub(channel)
        watch = Watch(stub, benchmark)
        watch.start()
        assert watch.ready.wait(PATIENCE), "no snapshot"

        revisions = []
        for index, answer in enumerate(stub.SubmitResults(items(benchmark, count), timeout=PATIENCE)):
            assert answer.index == index, f"answer {answer.index} in place {index}"
            assert answer.WhichOneof("outcome") == "brief", answer
            assert not answer.brief.replayed
            assert answer.brief.rank >= 1
            revisions.append(answer.brief.revision)
        assert len(revisions) == count, f"{len(revisions)} answers"
        assert revisions == list(range(revisions[0], revisions[0] + count)), "revisions are not in order"

        watch.wait_until(revisions[-1])
        assert watch.order == revisions, "the watch told other results, or in another order"
        for number, revision in enumerate(revisions):
            model, score = watch.results[revision]
            assert model == f"python/m{number % 7}", (revision, model)
            assert score == score_of(number), (revision, score)

        # The same items again are the same results.
        for answer, revision in zip(stub.SubmitResults(items(benchmark, count), timeout=PATIENCE), revisions):
            assert answer.brief.replayed and answer.brief.revision == revision, answer
        watch.call.cancel()
    print(f"watched {count} results in order")


main()
