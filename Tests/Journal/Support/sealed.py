"""Looks at sealed columns of a store from outside: prints nonces, or all bytes of its wrapped keys."""
import base64
import sqlite3
import sys

SEALED = [("run", "input"), ("run", "output"), ("run", "failure_message"), ("step", "request"), ("step", "result_data"),
          ("step", "sealed"), ("step", "failure_message"), ("event", "body"), ("content", "bytes"),
          ("approval", "title"), ("approval", "content"), ("approval_act", "content"), ("message", "payload"),
          ("state", "value"), ("subject", "alias")]


def main():
    path, mode = sys.argv[1:]
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    if mode == "keys":
        for (wrapped,) in db.execute("SELECT wrapped FROM subject_key"):
            print(wrapped.hex())
        return
    for table, column in SEALED:
        for (value,) in db.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
            if isinstance(value, str):
                if not value.startswith("sealed:"):
                    continue
                value = base64.b64decode(value[7:])
            if value[:2] == b"\xb5\x01":
                print(f"{table}.{column}\t{value[18:30].hex()}")


main()
