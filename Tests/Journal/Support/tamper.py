"""Alters a closed journal for the tests: one statement, or a copy of the store for each column and each table."""
import os
import shutil
import sqlite3
import sys

# The log has the fact of each crash; the table keeps the details of the newest for people to read. What is in
# consumers' hands, and tries to tell webhooks, come and go.
UNAUDITED = {"host", "audit_leaf", "audit_checkpoint", "audit_frontier", "crash", "sqlite_sequence", "stream_pending",
             "webhook_attempt", "notification_attempt", "kept_answer", "api_usage"}
# Kept answers repeat what rows with leaves say, for a day; usage is counted, and a crash may lose its last seconds.
# Where a group stands in the log moves with each event. When a run became ready is the time of the leaf that says so;
# whether a fire's run is open follows from the run. In whose hands a message is comes and goes, and what it starts
# follows from its receiver's profile. When time decides a request follows from its rules and acts. A wrapped key is
# authenticated by what wraps it; that there is one is in its subject's leaf.
UNAUDITED_COLUMNS = {("stream_group", "cursor"), ("run", "ready_at_ms"), ("schedule_fire", "is_open"),
                     ("message", "deliveries"), ("message", "due_at_ms"), ("message", "starts"),
                     ("approval", "next_look_ms"), ("subject_key", "kek"), ("subject_key", "wrapped")}


def connect(path, guarded=False):
    db = sqlite3.connect(path, isolation_level=None)
    if not guarded:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA ignore_check_constraints = ON")
    return db


def tables(db):
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in rows if name not in UNAUDITED]


def changes(db):
    """Statements that each change one value of one row, or remove one row; a table without rows is an error."""
    for table in tables(db):
        keys = [c[1] for c in db.execute(f"PRAGMA table_info({table})") if c[5]] or ["rowid"]
        key = db.execute(f"SELECT {', '.join(keys)} FROM {table} LIMIT 1").fetchone()
        assert key is not None, f"{table} has no rows: the sample must fill it"
        where = " AND ".join(f"{k} = ?" for k in keys)
        yield f"DELETE FROM {table} WHERE {where}", key
        for _, column, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall():
            if (table, column) in UNAUDITED_COLUMNS:
                continue
            key = db.execute(
                f"SELECT {', '.join(keys)} FROM {table} ORDER BY {column} IS NULL LIMIT 1").fetchone()
            (old,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}", key).fetchone()
            if kind == "INTEGER":
                new = 1 if old is None else old + 1
                if db.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (new,)).fetchone()[0]:
                    new += 1_000_003  # may have to be unique
            elif kind == "TEXT":
                new = "x" if old is None else ("[" + old + "]" if column == "body" and table == "event" else old + "x")
            else:
                new = bytes(32) if not old else old[:-1] + bytes([old[-1] ^ 0x80])
            yield f"UPDATE {table} SET {column} = ? WHERE {where}", (new, *key)


def main():
    path, mode, argument = sys.argv[1:]
    if mode == "--every-column":
        with_statements = list(changes(connect(path)))
        for number, (statement, arguments) in enumerate(with_statements):
            copy = os.path.join(argument, str(number))
            os.makedirs(copy)
            target = shutil.copy(path, copy)
            db = connect(target)
            db.execute(statement, arguments)
            db.close()
            print(f"{number}\t{statement}")
        return
    db = connect(path, guarded=mode == "--guarded")
    try:
        db.execute(argument)
    except sqlite3.Error as error:
        print(error)
    db.close()


main()
