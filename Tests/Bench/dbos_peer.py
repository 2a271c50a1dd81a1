"""Durable three-step runs of DBOS on SQLite, the peer of DESIGN's bar. Prints runs per second as JSON.

usage: dbos_peer.py FOLDER SECONDS CONCURRENCY
"""

import json
import os
import sys
import threading
import time

from dbos import DBOS, DBOSConfig

RESULT = "x" * 2046


@DBOS.step()
def gather() -> str:
    return RESULT


@DBOS.step()
def weigh() -> str:
    return RESULT


@DBOS.step()
def decide() -> str:
    return RESULT


@DBOS.workflow()
def three_steps() -> int:
    gather()
    weigh()
    decide()
    return 3


def main() -> None:
    folder, seconds, concurrency = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": "sqlite:///" + os.path.join(folder, "dbos.sqlite"),
        "log_level": "ERROR",
    }
    DBOS(config=config)
    DBOS.launch()
    three_steps()  # Warm.
    counts = [0] * concurrency
    end = time.monotonic() + seconds
    start = time.monotonic()

    def work(index: int) -> None:
        while time.monotonic() < end:
            three_steps()
            counts[index] += 1

    threads = [threading.Thread(target=work, args=(i,)) for i in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"runs_per_second": sum(counts) / (time.monotonic() - start)}))
    DBOS.destroy()


if __name__ == "__main__":
    main()
