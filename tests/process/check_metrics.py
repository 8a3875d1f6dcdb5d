"""Reads a page of metrics from standard input with the parser of prometheus_client, and answers names as lines."""

import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

names = set()
for family in text_string_to_metric_families(sys.stdin.read()):
    if not family.documentation:
        sys.exit(f"{family.name} has no help")
    for sample in family.samples:
        names.add(sample.name)
        if not sample.name.startswith(("frontierd_", "process_")):
            sys.exit(f"{sample.name} is not named after its program")
print("\n".join(sorted(names)))
