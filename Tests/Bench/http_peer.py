"""The same two services as FastAPI and uvicorn make them: /health, and a job that is durable before it is answered.

    http_peer.py FOLDER PORT

SQLite with the settings of Bureau's store: WAL and synchronous=FULL. The insert is made on the event loop, which is
faster here than FastAPI's thread pool.
"""
import json
import sqlite3
import sys
import uuid

import fastapi
import pydantic
import uvicorn

app = fastapi.FastAPI()
store = None


def database():
    global store
    if store is None:
        store = sqlite3.connect(f"{sys.argv[1]}/jobs.sqlite", isolation_level=None, timeout=60)
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("PRAGMA synchronous=FULL")
        store.execute("CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY, task TEXT, parameters TEXT)")
    return store


@app.get("/health")
async def health():
    return {"status": "ok"}


class Job(pydantic.BaseModel):
    task: str
    parameters: dict


@app.post("/agents/{name}/execute", status_code=202)
async def execute(name: str, job: Job):
    identifier = str(uuid.uuid4())
    database().execute(
        "INSERT INTO job VALUES (?, ?, ?)", (identifier, f"{name}/{job.task}", json.dumps(job.parameters)))
    return {"job_id": identifier}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
