"""Runs a command, reads every line of its standard error as a record of JSON, and prints a line for each."""

import json
import subprocess
import sys

FIELDS = {"severity", "code", "message", "help", "file", "line", "column", "notes"}



def check(record):
    """Whether the fields of a record and of its notes are those of every record, and go together."""
    assert set(record) == FIELDS, record
    assert (record["code"] is None) == (record["severity"] in ("note", "remark")), record
    for note in record["notes"]:
        check(note)


finished = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
for line in finished.stderr.decode().split("\n")[:-1]:
    record = json.loads(line)
    data = record.pop("data", None)
    check(record)
    assert (record["severity"] == "remark") == (data is not None), line
    fields = "" if data is None else " " + json.dumps(data)
    code = f"[{record['code']}]" if record["code"] else ""
    print(f"{record['severity']}{code}: {record['message']} ({record['help']}){fields}")
sys.exit(finished.returncode)
