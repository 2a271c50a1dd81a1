#!/usr/bin/env python3
"""Compares the department Safety with independent libraries of the Python index on random inputs.

    scripts/nightly/safety.py [--seed N] [--rounds N] [--bin FOLDER]

CVSS scores with `cvss`, version orders with `packaging` (PEP 440), `semver` and the machine's own dpkg. Needs a release
build (the command `bureau` and libDepartmentSafety.so in --bin, .build/release by default) and, the first time, the
package index. Ends with 1 and a list where anything differs. Not part of CI: it takes minutes.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ["cvss", "packaging", "semver"]

try:
    import cvss
    import packaging.version
    import semver
except ImportError:
    sys.path.insert(0, str(ROOT / "Tests" / "Support"))
    import python_environment

    python = python_environment.folder("safety", PACKAGES) / "bin" / "python"
    os.execv(python, [str(python), *sys.argv])

FAILURES = []


def note(what, wrong, total):
    print(f"{'FAIL' if wrong else 'ok  '} {what}: {total} compared", flush=True)
    FAILURES.extend(f"{what}: {line}" for line in wrong[:10])


class Bureau:
    def __init__(self, folder, store):
        self.command = [
            str(folder / "bureau"), "run", "--plugins", str(folder / "libDepartmentSafety.so"), "--no-progress",
            "--json", "--store", store]
        self.input = pathlib.Path(store) / "input.json"

    def run(self, task, document):
        self.input.write_text(json.dumps(document))
        done = subprocess.run(
            [*self.command, f"safety/{task}", "--input", str(self.input)], capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{task}: {done.stderr.strip() or done.stdout.strip()}")
        answer = json.loads(done.stdout)
        return answer.get("output", answer.get("result", answer))


V3 = {
    "AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "NLH", "I": "NLH", "A": "NLH"}
V3_OPTIONAL = {
    "E": "XUPFH", "RL": "XOTWU", "RC": "XURC", "CR": "XLMH", "IR": "XLMH", "AR": "XLMH", "MAV": "XNALP", "MAC": "XLH",
    "MPR": "XNLH", "MUI": "XNR", "MS": "XUC", "MC": "XNLH", "MI": "XNLH", "MA": "XNLH"}
V4 = {
    "AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA", "VC": "HLN", "VI": "HLN", "VA": "HLN",
    "SC": "HLN", "SI": "HLN", "SA": "HLN"}
V4_OPTIONAL = {
    "E": "XAPU", "CR": "XHML", "IR": "XHML", "AR": "XHML", "MAV": "XNALP", "MAC": "XLH", "MAT": "XNP", "MPR": "XNLH",
    "MUI": "XNPA", "MVC": "XHLN", "MVI": "XHLN", "MVA": "XHLN", "MSC": "XHLN", "MSI": "XSHLN", "MSA": "XSHLN"}


def vector(rng, version, base, optional):
    fields = [f"{name}:{rng.choice(values)}" for name, values in base.items()]
    fields += [f"{name}:{rng.choice(values)}" for name, values in optional.items() if rng.random() < 0.4]
    return f"CVSS:{version}/" + "/".join(fields)


def scores(bureau, rng, rounds):
    for version, base, optional in (("3.0", V3, V3_OPTIONAL), ("3.1", V3, V3_OPTIONAL), ("4.0", V4, V4_OPTIONAL)):
        vectors = [vector(rng, version, base, optional) for _ in range(rounds)]
        wrong = []
        for text, mine in zip(vectors, bureau.run("cvss", {"vectors": vectors})["scores"]):
            if version == "4.0":
                theirs, ours = (cvss.CVSS4(text).base_score,), (mine["score"],)
            else:
                theirs = tuple(float(score) for score in cvss.CVSS3(text).scores())
                ours = (mine["base"], mine["temporal"], mine["environmental"])
            if theirs != ours:
                wrong.append(f"{text}: {ours} instead of {theirs}")
        note(f"CVSS {version}", wrong, rounds)


def affected(bureau, ecosystem, files, fixed):
    """Names of the components that a range up to `fixed` hits, one advisory for each."""
    advisories = [
        {"id": f"T-{index}", "affected": [{"package": {"ecosystem": ecosystem, "name": f"p{index}"}, "ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": version}]}]}]}
        for index, version in enumerate(fixed)]
    output = bureau.run("dependencies", {"files": files, "advisories": advisories})
    return {hit["component"]["name"] for hit in output["vulnerable"]}, output["warnings"]


def compare(bureau, what, ecosystem, files, pairs, is_less):
    hits, warnings = affected(bureau, ecosystem, files, [fixed for _, fixed in pairs])
    wrong = list(warnings)
    for index, (own, fixed) in enumerate(pairs):
        if (f"p{index}" in hits) != is_less(own, fixed):
            wrong.append(f"{own} < {fixed} is {f'p{index}' in hits}")
    note(what, wrong, len(pairs))


def python_version(rng):
    text = rng.choice(["", "", "", "1!", "v"]) + ".".join(str(rng.randrange(3)) for _ in range(rng.randrange(1, 5)))
    pre = rng.choice(["a", "b", "rc", ".alpha.", "-beta", "_c", "preview"])
    text += rng.choice(["", "", f"{pre}{rng.randrange(3)}"])
    text += rng.choice(["", "", f".post{rng.randrange(3)}", f"-{rng.randrange(3)}", ".rev1", "-r2"])
    text += rng.choice(["", "", f".dev{rng.randrange(3)}", "dev"])
    return text + rng.choice(["", "", "", "+a.1", "+1", "+ubuntu-1"])


def semantic_version(rng):
    text = ".".join(str(rng.randrange(3)) for _ in range(3))
    if rng.random() < 0.5:
        words = ["a", "alpha", "beta", "0", "1", "10", "2", "x-1", "1a"]
        parts = [rng.choice(words) for _ in range(rng.randrange(1, 4))]
        text += "-" + ".".join(parts)
    return text + rng.choice(["", "", "+build.1"])


def debian_version(rng):
    text = rng.choice(["", "", "", "1:", "0:"]) + rng.choice("0123")
    text += "".join(rng.choice(["", ".", "~", "+", "a", "rc", "1", "0", "01", "-"]) for _ in range(rng.randrange(6)))
    return text + rng.choice(["", "-1", "-1+deb12u1", "-0ubuntu1", "-1~bpo1"])


def versions(bureau, rng, rounds):
    pairs = [(python_version(rng), python_version(rng)) for _ in range(rounds)]
    text = "".join(f"p{index}=={own}\n" for index, (own, _) in enumerate(pairs))
    compare(
        bureau, "PEP 440", "PyPI", [{"name": "requirements.txt", "text": text}], pairs,
        lambda one, other: packaging.version.Version(one) < packaging.version.Version(other))
    pairs = [(semantic_version(rng), semantic_version(rng)) for _ in range(rounds)]
    packages = {f"node_modules/p{index}": {"version": own} for index, (own, _) in enumerate(pairs)}
    lock = json.dumps({"lockfileVersion": 3, "packages": packages})
    compare(
        bureau, "Semantic Versioning", "npm", [{"name": "package-lock.json", "text": lock}], pairs,
        lambda one, other: semver.Version.parse(one).compare(other) < 0)
    pairs = [(debian_version(rng), debian_version(rng)) for _ in range(min(rounds, 1000))]
    status = "\n".join(
        f"Package: p{index}\nStatus: install ok installed\nVersion: {own}\n" for index, (own, _) in enumerate(pairs))
    compare(
        bureau, "Debian versions", "Debian", [{"name": "status", "kind": "dpkg-status", "text": status}], pairs,
        lambda one, other: subprocess.run(
            ["dpkg", "--compare-versions", one, "lt", other], stderr=subprocess.DEVNULL).returncode == 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rounds", type=int, default=5000)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / ".build" / "release")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as store:
        bureau = Bureau(options.bin.resolve(), store)
        scores(bureau, rng, options.rounds)
        versions(bureau, rng, options.rounds)
    for failure in FAILURES:
        print(failure, file=sys.stderr)
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()
