"""Holds OpenAPI documents against the specification, by a program of other authors.

    check_openapi.py FILE...

Prints what is wrong, and last how many documents were checked.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["openapi-spec-validator==0.9.0"]


def main():
    environment = python_environment.folder("openapi", PACKAGES)
    sys.path[:0] = [str(path) for path in environment.glob("lib/python*/site-packages")]
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    for name in sys.argv[1:]:
        document = json.loads(pathlib.Path(name).read_bytes())
        validator = OpenAPIV31SpecValidator if document["openapi"].startswith("3.1") else OpenAPIV30SpecValidator
        for error in list(validator(document).iter_errors())[:20]:
            print(f"{document['openapi']}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    print(f"{len(sys.argv) - 1} documents")


main()
