"""Asks a served host what its OpenAPI document lets be asked, and more, by schemathesis: no answer may be a failure of
the host, of a status that is not described, or of another form than described.

    run_schemathesis.py ADDRESS TOKEN SEED EXAMPLES

Prints what schemathesis says, and ends with its exit code.
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["schemathesis==4.32.5"]
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
# Streams end with their reader. A reload, and what people decide by mail or hours of backfill, are tests of their own.
WITHOUT = ["events.stream", "jobs.events", "runs.events"]


def main():
    address, token, seed, examples = sys.argv[1:]
    environment = python_environment.folder("schemathesis", PACKAGES)
    command = [
        environment / "bin" / "schemathesis", "run", address + "/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS), "--mode", "all",
        "--max-examples", examples, "--seed", seed, "--phases", "examples,fuzzing", "--workers", "2",
        "--suppress-health-check", "all", "--generation-database", "none", "--no-color",
    ]
    for operation in WITHOUT:
        command += ["--exclude-operation-id", operation]
    folder = os.environ.get("TMPDIR", "/tmp")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400)
    print(done.stdout[-12000:], done.stderr[-3000:])
    sys.exit(done.returncode)


main()
