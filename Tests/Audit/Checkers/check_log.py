"""Checks a published log with code of others: aics-tlog (tiles, entries, checkpoint, proofs) and pymerkle (the tree).

    check_log.py FOLDER VKEY [OLD-CHECKPOINT]

Prints the number of leaves. Ends with a reason when anything does not hold. Needs Python 3.12 or newer.
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402
from check_log_packages import PACKAGES  # noqa: E402

CHECK = r"""
import json, sys
import aics_tlog, pymerkle, rfc8785
folder, vkey, *old = sys.argv[1:]
key = aics_tlog.parse_vkey(vkey)

def checkpoint(path):
    note = aics_tlog.parse_note(open(path, encoding="utf-8", newline="").read())
    result = aics_tlog.verify_checkpoint(note, key, expected_origin=key.name)
    assert result.ok, result.error
    return aics_tlog.parse_checkpoint(note.text)

new = checkpoint(folder + "/checkpoint")
reader = aics_tlog.FileSystemTileReader(folder)
aics_tlog.audit_tiles(reader, new.size, new.root)
tree = pymerkle.InmemoryTree(algorithm="sha256")
entries = [aics_tlog.read_entry(reader, index, new.size) for index in range(0, new.size, 997)]
for place, index in enumerate(range(0, new.size, 997)):
    leaf = json.loads(entries[place])
    assert leaf["seq"] == index and rfc8785.dumps(leaf) == entries[place], index
    proof = aics_tlog.inclusion_proof_from_tiles(reader, index, new.size)
    assert aics_tlog.verify_leaf_inclusion(entries[place], index, new.size, proof, new.root), index
bundles = {}
for index in range(new.size):
    if index // 256 not in bundles:
        width = min(256, new.size - index // 256 * 256)
        raw = reader.read_entry_bundle(index // 256, None if width == 256 else width)
        bundles = {index // 256: aics_tlog.tiles.parse_entry_bundle(raw)}
    tree.append_entry(bundles[index // 256][index % 256])
assert tree.get_root() == new.root, "pymerkle"
for path in old:
    older = checkpoint(path)
    proof = aics_tlog.consistency_proof_from_tiles(reader, older.size, new.size)
    assert aics_tlog.verify_consistency(older.size, new.size, older.root, new.root, proof), "consistency"
print(new.size)
"""

environment = python_environment.folder("audit", PACKAGES)
sys.exit(subprocess.run([environment / "bin" / "python", "-c", CHECK, *sys.argv[1:]]).returncode)
