"""Validates FOCUS files with the validator of the FinOps Foundation from the Python index.

Prints what is wrong with each, or nothing. The first use makes a virtual environment; later ones need no network. That
validator knows version 1.0, some of whose columns it calls by names of drafts: they are renamed before. It was
published without its list of currencies, which it looks for below the current folder: it gets one with the dollar.

    BUREAU_TEST_CACHE   where the environment is kept; otherwise ~/.cache/bureau-tests
"""
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import python_environment  # noqa: E402

# The validator's own pin of pandera does not work with newer versions of multimethod.
PACKAGES = ["focus-validator==1.0.0", "multimethod<1.11"]
DRAFT_NAMES = {"InvoiceIssuerName": "InvoiceIssuer", "ProviderName": "Provider", "PublisherName": "Publisher",
               "ResourceId": "ResourceID"}
CURRENCIES = pathlib.Path("focus_validator", "utils", "currency_codes.csv")


def validate(folder, path):
    with open(path, newline="") as file:
        head, *rows = csv.reader(file)
    category = head.index("ChargeCategory")
    with tempfile.TemporaryDirectory() as scratch:
        currencies = scratch / CURRENCIES
        currencies.parent.mkdir(parents=True)
        currencies.write_text("currency_codes\nUSD\n")
        with open(os.path.join(scratch, "focus.csv"), "w", newline="") as file:
            out = csv.writer(file)
            out.writerow([DRAFT_NAMES.get(name, name) for name in head] + ["ChargeType"])
            out.writerows([*row, row[category]] for row in rows)
        result = subprocess.run(
            [folder / "bin" / "focus-validator", "--data-file", "focus.csv"], text=True, capture_output=True,
            cwd=scratch)
    lines = (result.stdout + result.stderr).splitlines()
    if result.returncode != 0 or "Validation succeeded." not in lines:
        failed = [line for line in lines if " failed:" in line] or lines[-1:]
        print(path, "; ".join(failed))


for argument in sys.argv[1:]:
    validate(python_environment.folder("focus", PACKAGES), argument)
