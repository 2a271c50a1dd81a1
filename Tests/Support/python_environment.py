"""Virtual environments with packages of the Python index, for the tests' scripts: made once, under a lock, so that test
runs can share them.

    BUREAU_TEST_CACHE   where they are kept; otherwise ~/.cache/bureau-tests
"""
import fcntl
import os
import pathlib
import subprocess
import sys
import venv

UNREACHABLE = ("connection broken", "Temporary failure in name resolution", "Network is unreachable")


def folder(name, packages):
    """The folder of the environment of this name, which has these packages. Ends the script when they cannot be had."""
    default = pathlib.Path.home() / ".cache" / "bureau-tests"
    cache = pathlib.Path(os.environ.get("BUREAU_TEST_CACHE") or default)
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / f"{name}-py{sys.version_info.major}{sys.version_info.minor}"
    ready, wanted = place / "ready", "\n".join(packages)
    with open(cache / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != wanted:
            venv.create(place, with_pip=True, clear=True)
            pip = subprocess.run(
                [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
                capture_output=True, text=True)
            if pip.returncode:
                if any(words in pip.stderr for words in UNREACHABLE):
                    sys.exit("the package index cannot be reached: " + pip.stderr.strip().splitlines()[-1])
                sys.exit(pip.stderr)
            ready.write_text(wanted)
    return place
