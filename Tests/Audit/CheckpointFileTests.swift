import Audit
import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Checkpoint note")
struct CheckpointNoteTests {
    /// The first three lines of checkpoints 0 and 15 of Tessera's golden log (testdata/log), whose entries are hashed
    /// here again.
    @Test("the published checkpoints of Tessera's golden log are written and read")
    func tessera() throws {
        let entries = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"
        let leaves = entries.split(separator: " ").map { MerkleTree.leafHash(Array($0.utf8)) }
        let published = [
            0: "example.com/log/testdata\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
            15: "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n",
        ]
        for (size, text) in published {
            let root = MerkleTree.root(of: Array(leaves.prefix(size)))
            let note = try #require(
                CheckpointNote(origin: "example.com/log/testdata", size: Int64(size), root: root))
            #expect(note.text == text)
            #expect(CheckpointNote(text) == note)
        }
    }

    static let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    @Test(
        "other spellings and contents are refused",
        arguments: [
            "", "log\n0\n\(root)", "log\n0\n\(root)\n\n", "log\r\n0\r\n\(root)\r\n", "log\n00\n\(root)\n",
            "log\n007\n\(root)\n", "log\n+7\n\(root)\n", "log\n-1\n\(root)\n", "log\n1e3\n\(root)\n",
            "log\n9223372036854775808\n\(root)\n", "log\n\n\(root)\n", "\n0\n\(root)\n", "a log\n0\n\(root)\n",
            "log\n0\n\(root.dropLast())\n", "log\n0\n\(root.dropLast(2))V=\n", "log\n0\n=\(root.dropFirst())\n",
            "log\n0\n\(root)AAAA\n", "log\n0\n\n", "log\n0\n \(root)\n", "log\n0\n\(root)\nextension\n",
            "log\n0\n" + String(repeating: "A", count: 5_000) + "\n",
        ])
    func refused(text: String) { #expect(CheckpointNote(text) == nil) }
}

@Suite("Checkpoint file")
struct CheckpointFileTests {
    static let roots = (0..<4).map { Digest.sha256([UInt8($0)]) }

    static func file(_ folder: Scratch) -> CheckpointFile {
        CheckpointFile(path: folder.path + "/checkpoint", origin: "bureau.example/test")
    }

    @Test("what was written is read, and only the newest remains")
    func roundTrip() throws {
        let folder = try Scratch()
        let file = Self.file(folder)
        #expect(try file.read() == nil)
        try file.write(size: 3, root: Self.roots[0])
        try file.write(size: 3, root: Self.roots[0])
        try file.write(size: 9, root: Self.roots[1])
        let note = try #require(try file.read())
        #expect(note.size == 9 && note.root == Self.roots[1] && note.origin == file.origin)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["checkpoint"])
    }

    @Test("it never goes back, and never takes another root for the same size")
    func rollback() throws {
        let folder = try Scratch()
        let file = Self.file(folder)
        try file.write(size: 5, root: Self.roots[0])
        for (size, root) in [(4, Self.roots[0]), (5, Self.roots[1]), (0, Self.roots[2])] {
            let error = try #require(throws: CheckpointFileError.self) { try file.write(size: Int64(size), root: root) }
            #expect(error.code == .rollback)
        }
        #expect(try file.read()?.root == Self.roots[0])
    }

    @Test("a file that is no checkpoint, or another log's, is neither believed nor overwritten")
    func malformed() throws {
        let folder = try Scratch()
        let file = Self.file(folder)
        let other = CheckpointFile(path: file.path, origin: "bureau.example/other")
        for (content, code) in [
            ("garbage", CheckpointFileError.Code.malformed), ("", .malformed),
            (try #require(CheckpointNote(origin: other.origin, size: 1, root: Self.roots[0])).text, .otherLog),
        ] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: file.path))
            #expect(try #require(throws: CheckpointFileError.self) { try file.read() }.code == code)
            #expect(
                try #require(throws: CheckpointFileError.self) { try file.write(size: 2, root: Self.roots[1]) }.code
                    == code)
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == content)
        }
    }

    @Test("links are not followed, and a missing folder is an error")
    func unsafePlaces() throws {
        let folder = try Scratch()
        let file = Self.file(folder)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/etc/hostname")
        #expect(throws: CheckpointFileError.self) { try file.read() }
        #expect(throws: CheckpointFileError.self) { try file.write(size: 1, root: Self.roots[0]) }
        let nowhere = CheckpointFile(path: folder.path + "/missing/checkpoint", origin: "o")
        #expect(
            try #require(throws: CheckpointFileError.self) { try nowhere.write(size: 1, root: Self.roots[0]) }.code
                == .io)
    }
}
