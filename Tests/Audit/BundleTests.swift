import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// The bundle, and the verifier that people download: Python's standard library and nothing of ours.
@Suite("Export bundle")
struct BundleTests {
    private static let verifier = Built.checkout.appendingPathComponent("scripts/verify-audit.py").path

    private func verify(_ bundle: [UInt8], _ arguments: [String], _ store: PublishedStore) throws -> (Int32, String) {
        let file = store.scratch.folder("bundle-\(UUID())")
        try Data(bundle).write(to: URL(fileURLWithPath: file))
        let result = try Checker.run("/usr/bin/python3", [Self.verifier, file] + arguments)
        return (result.status, result.output + result.errors)
    }

    /// All leaves, or the named ones.
    private func bundle(_ store: PublishedStore, of indices: [Int64]? = nil, since: Int64? = nil) throws -> [UInt8] {
        let log = store.place.published, keys = try store.keys()
        let found = try #require(try log.checkpoint(keys: keys))
        guard let indices else {
            let header = AuditBundle.header(found.note, found.checkpoint, keys: keys, witnesses: [])
            let leaves: [UInt8] = try (0..<found.checkpoint.size).flatMap { index -> [UInt8] in
                try log.entry(index, size: found.checkpoint.size) + [0x0A]
            }
            return header.bytes + [0x0A] + leaves
        }
        let some = try AuditBundle.header(
            of: indices, in: log, note: found.note, found.checkpoint, keys: keys, witnesses: [], since: since)
        return some.header.bytes + [0x0A] + some.leaves.flatMap { $0 + [0x0A] }
    }

    @Test("a sound bundle is accepted: whole, in part, and grown from every older checkpoint")
    func sound() async throws {
        let store = try await PublishedStore()
        var older: [(size: Int64, file: String)] = []
        for step in [1, 2, 5, 56, 36, 29] {
            try await store.add(step)
            let publication = try #require(try await store.publish())
            let file = store.scratch.folder("old-\(publication.checkpoint.size)")
            try Data(publication.note.serialized.utf8).write(to: URL(fileURLWithPath: file))
            older.append((publication.checkpoint.size, file))
        }
        let key = ["--key", try store.keys()[0].description]
        let whole = try bundle(store)
        let (status, said) = try verify(whole, key, store)
        #expect(status == 0 && said.hasPrefix("sound: 129 of 129 leaves, signed by example.org/log"), "\(said)")
        #expect(try verify(whole, [], store).1.contains("the key came with the bundle"))
        for old in older {
            #expect(try verify(whole, key + ["--checkpoint", old.file], store).0 == 0, "\(old.size)")
            let part = try bundle(store, of: [0, 63, 64, 128], since: old.size)
            let (status, said) = try verify(part, key + ["--checkpoint", old.file], store)
            #expect(status == 0 && said.hasPrefix("sound: 4 of 129"), "\(old.size): \(said)")
        }
    }

    @Test("each altered bundle is refused, and the reason is named")
    func altered() async throws {
        let store = try await PublishedStore(leaves: 40)
        let key = ["--key", try store.keys()[0].description]
        let text = String(decoding: try bundle(store), as: UTF8.self)
        let part = String(decoding: try bundle(store, of: [3, 17]), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func edit(_ body: (inout [String]) -> Void) -> String {
            var copy = lines
            body(&copy)
            return copy.joined(separator: "\n")
        }
        let other = try await PublishedStore(leaves: 40)
        let otherText = String(decoding: try bundle(other), as: UTF8.self)
        let forgedHeader = otherText.split(separator: "\n")[0]
        let cases: [(String, String, String)] = [
            ("a leaf altered", edit { $0[6] = $0[6].replacingOccurrences(of: "tester", with: "nobody") }, "root"),
            ("a leaf removed", edit { $0.remove(at: 9) }, "covers 40"),
            ("a leaf doubled", edit { $0.insert($0[9], at: 9) }, "leaf 9: it says that it is leaf 8"),
            ("leaves exchanged", edit { $0.swapAt(4, 5) }, "leaf 3: it says that it is leaf 4"),
            ("the end cut off", edit { $0.removeLast(3) }, "cut off"),
            ("a space in a leaf", edit { $0[2] = $0[2].replacingOccurrences(of: ":", with: ": ") }, "canonical form"),
            ("a key twice", edit { $0[2] = "{\"seq\":1," + $0[2].dropFirst() }, "a key twice"),
            (
                "the size signed over", edit { $0[0] = $0[0].replacingOccurrences(of: "\\n40\\n", with: "\\n41\\n") },
                "signature of example.org/log does not fit"
            ),
            ("another signature", edit { $0[0] = String(forgedHeader) }, "not signed by the log's key"),
            (
                "a proof altered", part.replacingOccurrences(of: "\"proofs\":[[\"", with: "\"proofs\":[[\"00"),
                "NOT SOUND"
            ),
            (
                "a proof for another leaf",
                part.replacingOccurrences(of: "\"leaves\":[3,17]", with: "\"leaves\":[4,17]"),
                "leaf 4: its proof"
            ),
            ("no JSON", "x" + text, "cannot be read"),
        ]
        for (name, bundle, words) in cases {
            let (status, said) = try verify(Array(bundle.utf8), key, store)
            #expect(status == 1 && said.contains(words), "\(name): \(said)")
        }
        lines = []
        // Another history under the same key, for who kept a checkpoint.
        let old = store.scratch.folder("old")
        try FileManager.default.copyItem(atPath: store.path("checkpoint"), toPath: old)
        for path in [store.place.storeFolder, store.place.outsidePath] {
            try FileManager.default.removeItem(atPath: path)
        }
        try await store.add(50, salt: "!")
        try await store.publish()
        let rewritten = try bundle(store)
        #expect(try verify(rewritten, key, store).0 == 0)
        let (status, said) = try verify(rewritten, key + ["--checkpoint", old], store)
        #expect(status == 1 && said.contains("first 40 leaves are not those of the older checkpoint"), "\(said)")
    }
}
