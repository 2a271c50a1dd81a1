import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Publishing the log")
struct PublisherTests {
    @Test("what is published in steps is what is published at once, and every proof from it holds")
    func steps() async throws {
        var random = SplitMix64(seed: TestSeed.next())
        let store = try await PublishedStore()
        var size = 0
        var older: [CheckpointNote] = []
        for step in [1, 254, 1, 1, Int.random(in: 1...600, using: &random), 300] {
            try await store.add(step, salt: " of \(size)")
            size += step
            let publication = try #require(try await store.publish())
            #expect(publication.isNew && publication.checkpoint.size == Int64(size))
            #expect(try await store.publish()?.isNew == false, "nothing new is not signed again")
            #expect(try await store.problems() == [])
            older.append(publication.checkpoint)
        }
        let log = store.place.published, newest = try #require(older.last)
        for index in [0, 1, 255, 256, 257, Int64(size) - 1] {
            let proof = try LogProof.of(index, in: log, keys: try store.keys())
            #expect(
                MerkleTree.verifyInclusion(
                    leafHash: MerkleTree.leafHash(proof.entry), index: index, size: newest.size, proof: proof.hashes,
                    root: newest.root))
        }
        for old in older {
            let proof = try log.consistencyProof(from: old.size, to: newest.size, in: newest)
            #expect(
                MerkleTree.verifyConsistency(
                    oldSize: old.size, oldRoot: old.root, newSize: newest.size, newRoot: newest.root, proof: proof))
        }
        #expect(throws: AuditError.self) { try LogProof.of(Int64(size), in: log, keys: try store.keys()) }
        // Partial resources of places that became full are gone.
        #expect(!FileManager.default.fileExists(atPath: store.path("tile/0/000.p")))
        let before = try await tree(store)
        try await store.publish(rebuilding: true)
        #expect(try await tree(store) == before)
    }

    private func tree(_ store: PublishedStore) async throws -> [String: Data] {
        var files: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: store.place.folder) where !path.contains(".p/")
        {
            files[path] = FileManager.default.contents(atPath: store.path(path))
        }
        return files
    }

    @Test("a publication that was cut off anywhere is completed by the next")
    func interrupted() async throws {
        let store = try await PublishedStore(leaves: 300)
        let standing = try Data(contentsOf: URL(fileURLWithPath: store.path("checkpoint")))
        let outside = try Data(contentsOf: URL(fileURLWithPath: store.place.outsidePath))
        try await store.add(300)
        try await store.publish()
        // Tiles of 600 leaves and the checkpoint outside, but not the one beside the tiles.
        try standing.write(to: URL(fileURLWithPath: store.path("checkpoint")))
        #expect(try await store.publish()?.checkpoint.size == 600)
        #expect(try await store.problems() == [])
        // Tiles alone.
        try standing.write(to: URL(fileURLWithPath: store.path("checkpoint")))
        try outside.write(to: URL(fileURLWithPath: store.place.outsidePath))
        #expect(try await store.publish()?.checkpoint.size == 600)
        #expect(try await store.problems() == [])
    }

    @Test("the unsigned checkpoint of an older host is believed once, and replaced by a signed one")
    func unsigned() async throws {
        let store = try await PublishedStore()
        try await store.add(5)
        let journal = try await store.reading()
        let latest = try await journal.read { reading throws(JournalError) in try reading.latestAuditCheckpoint() }
        await journal.close()
        let newest = try #require(latest)
        func put(_ size: Int64, _ root: Digest) throws {
            let text = try #require(CheckpointNote(origin: AuditPlace.unsignedOrigin, size: size, root: root)).text
            try Data(text.utf8).write(to: URL(fileURLWithPath: store.place.outsidePath))
        }
        for (size, root) in [(newest.size, Digest.sha256([1])), (newest.size + 1, newest.root), (2, newest.root)] {
            try put(size, root)
            await #expect(throws: AuditError.self) { try await store.publish() }
        }
        try put(newest.size, newest.root)
        #expect(try await store.publish()?.isNew == true)
        let file = try store.place.checkpointFile()
        #expect(try file.signed() != nil && file.read()?.origin == "example.org/log")
    }

    @Test("two keys sign while one follows the other, and either is enough to check the log")
    func rotation() async throws {
        let store = try await PublishedStore(leaves: 3)
        var keys = try #require(try LogKeys.read(store.place.keyPath))
        let old = keys.publicKeys[0]
        let note = try keys.rotate()
        try keys.write(store.place.keyPath)
        #expect(note.text.contains(keys.publicKeys[0].description))
        try note.requireSigner(among: [old])
        let publication = try #require(try await store.publish())
        #expect(publication.isNew && publication.checkpoint.size == 3)
        for key in keys.publicKeys { #expect(try await store.problems(keys: [key]) == []) }
        _ = try keys.retire(String(old.fingerprint.suffix(8)))
        try keys.write(store.place.keyPath)
        try await store.add(1)
        try await store.publish()
        #expect(try await store.problems(keys: [old]).count > 0, "the old key signs no more")
        #expect(try await store.problems() == [])
        #expect(throws: AuditError.self) { try keys.retire(keys.publicKeys[0].fingerprint) }
        var status = stat()
        #expect(stat(store.place.keyPath, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    /// What somebody does to the published log of 300 leaves, and what must be said of it.
    static let attacks:
        [(name: String, leaf: Int64?, words: String, act: @Sendable (PublishedStore) async throws -> Void)] = [
            ("a hash of a full tile", 7, "hash 7 is not", { try $0.flip($0.path("tile/0/000"), at: 7 * 32) }),
            ("a hash of a partial tile", 256, "hash 0 is not", { try $0.flip($0.path("tile/0/001.p/44"), at: 3) }),
            ("a hash above", nil, "leaves 0 to 255", { try $0.flip($0.path("tile/1/000.p/1"), at: 31) }),
            ("a byte of an entry", 0, "entry 0 is not", { try $0.flip($0.path("tile/entries/000"), at: 10) }),
            (
                "a length of an entry", nil, "does not hold 256 entries",
                { try $0.flip($0.path("tile/entries/000"), at: 1) }
            ),
            (
                "a byte at a bundle's end", 299, "entry 43 is not",
                { try $0.flip($0.path("tile/entries/001.p/44"), at: -1) }
            ),
            (
                "a tile cut short", nil, "does not hold 256 hashes",
                {
                    let path = $0.path("tile/0/000")
                    try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(32).write(to: URL(fileURLWithPath: path))
                }
            ),
            (
                "a tile removed", nil, "tile/0/000 is missing",
                {
                    try FileManager.default.removeItem(atPath: $0.path("tile/0/000"))
                }
            ),
            (
                "a bundle removed", nil, "001.p/44 is missing",
                {
                    try FileManager.default.removeItem(atPath: $0.path("tile/entries/001.p/44"))
                }
            ),
            (
                "a tile in another's place", nil, "does not hold 44 hashes",
                {
                    let place = $0.path("tile/0/001.p/44")
                    try FileManager.default.removeItem(atPath: place)
                    try FileManager.default.copyItem(atPath: $0.path("tile/0/000"), toPath: place)
                }
            ),
            (
                "the checkpoint's size", nil, "signature of example.org/log",
                {
                    try $0.flip($0.path("checkpoint"), at: "example.org/log\n".utf8.count)
                }
            ),
            ("the checkpoint's signature", nil, "checkpoint", { try $0.flip($0.path("checkpoint"), at: -8) }),
            (
                "the checkpoint removed", nil, "checkpoint is missing",
                {
                    try FileManager.default.removeItem(atPath: $0.path("checkpoint"))
                }
            ),
            (
                "the checkpoint outside", nil, "signature of example.org/log",
                {
                    try $0.flip($0.place.outsidePath, at: "example.org/log\n".utf8.count)
                }
            ),
            (
                "a link in the place of a tile", nil, "cannot be opened",
                {
                    let path = $0.path("tile/0/000"), aside = $0.scratch.folder("aside")
                    try FileManager.default.moveItem(atPath: path, toPath: aside)
                    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: aside)
                }
            ),
            (
                "another log under the same name, signed by another key", nil, "not signed by",
                { store in
                    for path in [store.place.keyPath, store.place.outsidePath, store.place.folder] {
                        try FileManager.default.removeItem(atPath: path)
                    }
                    try await store.publish()
                }
            ),
            (
                "an older checkpoint, rightly signed, beside newer leaves outside", nil, "is not signed",
                { store in
                    // The attacker has the store, not the key: a checkpoint of their own key.
                    let forged = try NoteSecret(name: "example.org/log", seed: Array(repeating: 1, count: 32))
                    let checkpoint = try #require(
                        CheckpointNote(origin: "example.org/log", size: 300, root: Digest.sha256([1])))
                    let note = try Note(checkpoint.text, signedBy: [forged])
                    try Data(note.serialized.utf8).write(to: URL(fileURLWithPath: store.path("checkpoint")))
                }
            ),
        ]

    @Test("each manipulation of what is published is found, and named", arguments: attacks.map(\.name))
    func tampering(name: String) async throws {
        let attack = try #require(Self.attacks.first { $0.name == name })
        let store = try await PublishedStore(leaves: 300)
        let keys = try store.keys()
        #expect(try await store.problems() == [])
        try await attack.act(store)
        let problems = try await store.problems(keys: keys)
        #expect(
            problems.contains { $0.message.contains(attack.words) && (attack.leaf == nil || $0.leaf == attack.leaf) },
            "\(problems)")
    }

    @Test("who holds the key and rewrites history is found by whoever kept a checkpoint, and publishes no more here")
    func rewritten() async throws {
        let store = try await PublishedStore(leaves: 300)
        let kept = try #require(try store.place.published.note())
        let checkpoint = try #require(CheckpointNote(kept.text))
        // The same key and the same number of leaves, with other content.
        try FileManager.default.removeItem(atPath: store.place.storeFolder)
        try await store.add(310, salt: "!")
        await #expect(throws: AuditError.self) { try await store.publish() }
        try FileManager.default.removeItem(atPath: store.place.outsidePath)
        try await store.publish()
        #expect(try await store.problems() == [], "alone it looks sound")
        let problems = try await store.problems(kept: [.init(name: "mine", note: kept, checkpoint: checkpoint)])
        #expect(problems.contains { $0.message.contains("first 300 leaves are not those that mine") }, "\(problems)")
    }

    @Test("a store that was put back publishes nothing, whether tiles went back with it or not")
    func rollback() async throws {
        let store = try await PublishedStore(leaves: 100)
        let old = store.scratch.folder("old")
        try FileManager.default.copyItem(atPath: store.place.storeFolder, toPath: old)
        try await store.add(100)
        try await store.publish()
        try FileManager.default.removeItem(atPath: store.place.storeFolder)
        try FileManager.default.moveItem(atPath: old, toPath: store.place.storeFolder)
        await #expect(throws: AuditError.self) { try await store.publish() }
        #expect(try await store.problems().contains { $0.message.contains("covers 200 leaves, the store has 100") })
        // Other leaves up to the same size and further are a fork.
        for count in [100, 50] {
            try await store.add(count, salt: " fork")
            await #expect(throws: AuditError.self) { try await store.publish() }
        }
        // Without the checkpoint outside, what stands beside the tiles is not trusted alone.
        try FileManager.default.removeItem(atPath: store.place.outsidePath)
        let error = await #expect(throws: AuditError.self) { try await store.publish() }
        #expect(error?.message.contains("is gone") == true)
    }

    @Test("nothing is signed on a journal that was altered, or with a key that others can read")
    func refusals() async throws {
        let store = try await PublishedStore(leaves: 10)
        try await store.add(10)
        try Tampering.execute(
            "UPDATE audit_leaf SET bytes = CAST(replace(bytes, 'leaf 3', 'leaf 4') AS BLOB) WHERE idx = 13",
            in: store.place.storeFolder)
        let error = await #expect(throws: AuditError.self) { try await store.publish() }
        #expect(error?.code == .damaged)
        #expect(CheckpointNote(try #require(try store.place.published.note()).text)?.size == 10)
        chmod(store.place.keyPath, 0o640)
        #expect(throws: AuditError.self) { try LogKeys.read(store.place.keyPath) }
        let other = try await PublishedStore(leaves: 10)
        try FileManager.default.removeItem(atPath: other.place.keyPath)
        try await other.add(1)
        let gone = await #expect(throws: AuditError.self) { try await other.publish() }
        #expect(gone?.code == .key, "a new key would begin another log in silence")
    }
}
