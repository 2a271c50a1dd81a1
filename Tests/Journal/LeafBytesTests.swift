import Journal
import Kernel
import TestSupport
import Testing

@Suite("Bytes of audit leaves")
struct LeafBytesTests {
    /// The fields of a leaf of another room, as stored, next to what `CanonicalJSON` makes of them.
    private func check(_ fields: [String: JSONValue]) async throws {
        let store = try await TestStore()
        let index = try await store.journal.write { journal throws(JournalError) in
            try journal.auditAppend(type: "test.leaf", fields: fields)
        }
        let leaves = try await store.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: index, limit: 1)
        }
        let leaf = try leaves.first.orFail("no leaf")
        let place: [String: JSONValue] = [
            "seq": .integer(index), "ts": "2027-01-15T08:00:00.000Z", "type": "test.leaf",
        ]
        let expected = try CanonicalJSON.encode(.object(fields.merging(place, uniquingKeysWith: { $1 })))
        #expect(String(decoding: leaf.bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
        #expect(leaf.hash == MerkleTree.leafHash(expected))
        await store.journal.close()
    }

    @Test("Plain, escaped, nested and non-ASCII members are written as CanonicalJSON writes them")
    func sameBytes() async throws {
        try await check([:])
        try await check(["z": 1, "a": "plain", "type2": true, "seq_": -5, "now": "later", "nox": false, "nov": ""])
        try await check(["quote": "a\"b\\c", "line": "a\nb\u{1}", "word": "épée 𝄞", "none": .null])
        try await check(["list": [1, "two"], "now": ["b": 1, "a": ["c": "d"]], "big": .integer(1 << 53 - 1)])
        try await check(["long": .string(String(repeating: "x", count: 10_000))])
    }

    @Test("The place of a leaf is the journal's, whatever the fields say")
    func placeIsTheJournals() async throws {
        try await check(["seq": 99, "ts": "never", "type": "run.finished", "a": 1])
    }

    @Test(
        "What does not fit the profile is refused",
        arguments: [
            ["Upper": 1], ["": 1], ["a": .double(0.5)], ["a": .integer(1 << 53)], ["a": "nul\0"],
            ["a": .string(String(repeating: "x", count: 17_000))],
        ] as [[String: JSONValue]])
    func refusals(_ fields: [String: JSONValue]) async throws {
        let store = try await TestStore()
        let code = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                try journal.auditAppend(type: "test.leaf", fields: fields)
            }
        }
        #expect(code == .invalid)
        await store.journal.close()
    }
}
