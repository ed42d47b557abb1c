"""Runs a command, reads every line of its standard error as a record of JSON, and prints a line for each."""

import json
import subprocess
import sys

FIELDS = {"severity", "message", "help", "file", "line", "column", "notes"}

finished = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
for line in finished.stderr.decode().split("\n")[:-1]:
    record = json.loads(line)
    data = record.pop("data", None)
    assert set(record) == FIELDS, line
    assert (record["severity"] == "remark") == (data is not None), line
    fields = "" if data is None else " " + json.dumps(data)
    print(f"{record['severity']}: {record['message']} ({record['help']}){fields}")
sys.exit(finished.returncode)
