"""Submits results to frontierd, or follows a board.

    python example.py submit gpqa-diamond deepseek/v3 59.1 --cost 0.42 --tasks 198
    python example.py follow gpqa-diamond
"""

import argparse
import json
import sys

from google.protobuf.json_format import MessageToDict

from frontier_client import connect, follow, submit
from frontier.v1 import leaderboard_pb2 as pb


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--addr", default="127.0.0.1:50051", help="HOST:PORT of the daemon")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("submit", help="submit a result")
    one.add_argument("benchmark")
    one.add_argument("model")
    one.add_argument("score", type=float)
    one.add_argument("--cost", type=float, help="cost of the run in USD")
    one.add_argument("--tasks", type=int, help="tasks of the run")
    one.add_argument("--request-id", help="makes the submission safe to repeat from outside too")
    many = commands.add_parser("follow", help="print a board whenever it changes")
    many.add_argument("board")
    many.add_argument("--until", type=int, metavar="REVISION", help="stop there and print the rows as JSON")
    args = parser.parse_args()
    stub = connect(args.addr)
    if args.command == "submit":
        submit_one(stub, args)
    else:
        follow_one(stub, args)


def submit_one(stub, args):
    answer = submit(
        stub,
        args.benchmark,
        args.model,
        args.score,
        cost_per_run_usd=args.cost,
        tasks=args.tasks,
        request_id=args.request_id,
    )
    again = " (it was there already)" if answer.replayed else ""
    print(f"revision {answer.revision}, rank {answer.standing.rank}{again}", flush=True)


def follow_one(stub, args):
    def say(text):
        print(text, file=sys.stderr, flush=True)

    for fold, frame in follow(stub, [args.board], say=say):
        rows = fold.boards.get(args.board, {})
        if frame.WhichOneof("frame") in ("snapshot_end", "delta"):
            print(f"revision {fold.revision}: {len(rows)} models", flush=True)
            for change in frame.delta.boards:
                for event in change.events:
                    name = pb.EventKind.Name(event.kind).removeprefix("EVENT_KIND_")
                    print(f"  {name} {event.model} {event.other_model}".rstrip(), flush=True)
        if args.until is not None and fold.revision is not None and fold.revision >= args.until:
            print(json.dumps({model: MessageToDict(row) for model, row in sorted(rows.items())}))
            return


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
