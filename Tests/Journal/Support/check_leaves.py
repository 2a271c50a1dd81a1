"""Leaves by programs of other authors: `rfc8785` writes each again and must get the same bytes, `jsonschema` holds it
against the schema of its type.

    check_leaves.py SCHEMAS LEAVES    SCHEMAS: {"<type>": <schema>}; LEAVES: one a line, in hexadecimal

Prints what is wrong, and last how many leaves were checked.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Support"))
import python_environment  # noqa: E402

PACKAGES = ["rfc8785==0.1.4", "jsonschema==4.26.0"]


def main():
    environment = python_environment.folder("leaves", PACKAGES)
    sys.path[:0] = [str(path) for path in environment.glob("lib/python*/site-packages")]
    import jsonschema
    import rfc8785

    schemas = json.loads(pathlib.Path(sys.argv[1]).read_bytes())
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}
    count = 0
    for line in pathlib.Path(sys.argv[2]).read_text().split():
        leaf = bytes.fromhex(line)
        document = json.loads(leaf)
        if rfc8785.dumps(document) != leaf:
            print(f"leaf {count}: other bytes by rfc8785")
        for error in validators[document["type"]].iter_errors(document):
            print(f"leaf {count}: {document['type']}: {error.message}")
        count += 1
    print(f"{len(schemas)} schemas, {count} leaves")


main()
