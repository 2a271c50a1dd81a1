"""Validates CycloneDX 1.5 documents, given as files, with the validator of the CycloneDX project from the Python index.

Prints what is wrong with each, or nothing. The first use makes a virtual environment; later ones need no network.

    BUREAU_TEST_CACHE   where the environment is kept; otherwise ~/.cache/bureau-tests
"""
import fcntl
import os
import pathlib
import subprocess
import sys
import venv

PACKAGE = "cyclonedx-python-lib[json-validation]==11.12.0"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    problem = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(path).read())
    if problem is not None:
        print(path, str(problem).splitlines()[0])
"""


def environment():
    """The Python of an environment that has the package. Made under a lock, so that test runs can share it."""
    default = pathlib.Path.home() / ".cache" / "bureau-tests"
    cache = pathlib.Path(os.environ.get("BUREAU_TEST_CACHE") or default)
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"cyclonedx-py{sys.version_info.major}{sys.version_info.minor}"
    python, ready = folder / "bin" / "python", folder / "ready"
    with open(cache / "cyclonedx.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != PACKAGE:
            venv.create(folder, with_pip=True, clear=True)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
            subprocess.run(install, check=True, stdout=sys.stderr)
            ready.write_text(PACKAGE)
    return python


subprocess.run([environment(), "-c", VALIDATE, *sys.argv[1:]], check=True)
