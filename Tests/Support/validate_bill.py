"""Validates CycloneDX 1.5 documents, given as files, with the validator of the CycloneDX project from the Python index.

Prints what is wrong with each, or nothing. The first use makes a virtual environment; later ones need no network.

    BUREAU_TEST_CACHE   where the environment is kept; otherwise ~/.cache/bureau-tests
"""
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import python_environment  # noqa: E402

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

python = python_environment.folder("cyclonedx", [PACKAGE]) / "bin" / "python"
subprocess.run([python, "-c", VALIDATE, *sys.argv[1:]], check=True)
