"""Reads result files without frontierd, to compare with what it made of them.

oracle.py counts DIR            rows of each file below DIR, by the plainest reading of its format, as JSON
oracle.py frontier YAML BOARD   sorts and scans an Aider file; compares with `leaderboard --output json` in BOARD
"""

import json
import math
import pathlib
import sys

import yaml


def lm_eval(path):
    tasks = json.loads(path.read_text())["results"]
    keys = [key for task in tasks.values() for key in task if key != "alias"]
    return {"read": sum("_stderr" not in key for key in keys), "submitted": len(tasks)}


def genai(path):
    models = yaml.safe_load(path.read_text())["models"]
    prices = [model["prices"] for model in models]
    return {"read": sum(len(price) if isinstance(price, list) else 1 for price in prices)}


def litellm(path):
    models = json.loads(path.read_text())
    text = [m for m in models.values() if m["mode"] in ("chat", "completion", "responses")]
    return {"read": len(models), "not_text": len(models) - len(text)}


def aider(path):
    # The whole number of tests is that of most runs; less than nine tenths of it is a partial run.
    runs = yaml.safe_load(path.read_text())
    counts = [run["test_cases"] for run in runs]
    whole = max(set(counts), key=counts.count)
    costed = sum((run.get("total_cost") or 0) > 0 for run in runs if run["test_cases"] >= 0.9 * whole)
    return {"read": len(runs), "partial": sum(count < 0.9 * whole for count in counts), "costed": costed}


def counts(root):
    found = {}
    for path in sorted(root.rglob("*")):
        kind = path.relative_to(root).parts[0] if path.is_file() else None
        if kind == "aider" and path.suffix == ".yml":
            row = aider(path)
        elif kind == "lm-eval":
            row = lm_eval(path)
        elif path.name == "stats.json":
            row = {"read": len(json.loads(path.read_text())), "submitted": 1}
        elif kind == "every-eval-ever" and "evaluation_results" in json.loads(path.read_text()):
            results = json.loads(path.read_text())["evaluation_results"]
            row = {"read": len(results), "submitted": len(results)}
        elif kind == "prices" and path.suffix == ".json":
            row = litellm(path)
        elif kind == "prices":
            row = genai(path)
        else:
            continue
        found[str(path.relative_to(root))] = row
    print(json.dumps(found))


def frontier(path, board):
    """A row is on the frontier when no other has at least its score at most at its cost, one of them strictly."""
    rows = []
    for run in yaml.safe_load(path.read_text()):
        cost = run.get("total_cost") or 0
        if cost > 0:
            rows.append((run["pass_rate_2"], cost / run["test_cases"]))
    expected = []
    for score, cost in rows:
        beaten = any(s >= score and c <= cost and (s > score or c < cost) for s, c in rows)
        to_match = min(c for s, c in rows if s >= score)
        expected.append((score, cost, not beaten, cost / to_match))
    actual, without = [], 0
    for row in json.loads(board.read_text())["rows"]:
        costs = [c["centralUsd"] for c in row.get("costs", []) if c["basis"] == "COST_BASIS_TASK"]
        if costs:
            actual.append((row["score"], costs[0], row["onFrontier"], row["overpay"]))
        else:
            without += 1
            assert not {"valueRank", "value", "onFrontier", "overpay"} & set(row), row
    assert len(expected) == len(actual), (len(expected), len(actual))
    for mine, theirs in zip(sorted(expected), sorted(actual)):
        close = all(math.isclose(float(a), float(b), rel_tol=1e-9) for a, b in zip(mine, theirs))
        assert close, (mine, theirs)
    print(f"{len(actual)} rows with a cost agree, {sum(row[2] for row in actual)} on the frontier, {without} without")


if __name__ == "__main__":
    if sys.argv[1] == "counts":
        counts(pathlib.Path(sys.argv[2]))
    else:
        frontier(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
