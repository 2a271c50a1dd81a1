import Audit
import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Checkpoint note")
struct CheckpointNoteTests {
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
    static let secret = Result { try NoteSecret(name: "bureau.example/test", seed: Array(repeating: 7, count: 32)) }

    static func file(_ folder: Scratch) throws -> CheckpointFile {
        CheckpointFile(
            path: folder.path + "/checkpoint", origin: "bureau.example/test", keys: [try secret.get().key])
    }

    static func note(_ size: Int64, _ root: Digest) throws -> Note {
        let checkpoint = try #require(CheckpointNote(origin: "bureau.example/test", size: size, root: root))
        return try Note(checkpoint.text, signedBy: [try secret.get()])
    }

    @Test("what was written is read, and only the newest remains")
    func roundTrip() throws {
        let folder = try Scratch()
        let file = try Self.file(folder)
        #expect(try file.read() == nil)
        try file.write(Self.note(3, Self.roots[0]))
        try file.write(Self.note(3, Self.roots[0]))
        try file.write(Self.note(9, Self.roots[1]))
        let note = try #require(try file.read())
        #expect(note.size == 9 && note.root == Self.roots[1] && note.origin == file.origin)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["checkpoint"])
    }

    @Test("it never goes back, and never takes another root for the same size")
    func rollback() throws {
        let folder = try Scratch()
        let file = try Self.file(folder)
        try file.write(Self.note(5, Self.roots[0]))
        for (size, root) in [(4, Self.roots[0]), (5, Self.roots[1]), (0, Self.roots[2])] {
            let note = try Self.note(Int64(size), root)
            let error = try #require(throws: CheckpointFileError.self) { try file.write(note) }
            #expect(error.code == .rollback)
        }
        #expect(try file.read()?.root == Self.roots[0])
        let old = try #require(try file.read())
        let kept = try file.setAside(accepting: old)
        #expect(kept.hasSuffix(".before-5") && FileManager.default.fileExists(atPath: kept))
        try file.write(Self.note(1, Self.roots[3]))
        #expect(throws: CheckpointFileError.self) { try file.setAside(accepting: old) }
    }

    @Test("an altered file, or one that another key signed, is not believed")
    func forged() throws {
        let folder = try Scratch()
        let file = try Self.file(folder)
        try file.write(Self.note(5, Self.roots[0]))
        let sound = try String(contentsOfFile: file.path, encoding: .utf8)
        let stranger = try NoteSecret(name: "bureau.example/test", seed: Array(repeating: 8, count: 32))
        let other = try #require(CheckpointNote(origin: "bureau.example/test", size: 5, root: Self.roots[1]))
        for text in [
            sound.replacingOccurrences(of: "\n5\n", with: "\n4\n"),
            try Note(other.text, signedBy: [stranger]).serialized,
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
            #expect(try #require(throws: CheckpointFileError.self) { try file.read() }.code == .forged)
            let next = try Self.note(6, Self.roots[1])
            #expect(try #require(throws: CheckpointFileError.self) { try file.write(next) }.code == .forged)
        }
    }

    @Test("a file that is no checkpoint, or another log's, is neither believed nor overwritten")
    func malformed() throws {
        let folder = try Scratch()
        let file = try Self.file(folder)
        let other = CheckpointFile(path: file.path, origin: "bureau.example/other")
        for (content, code) in [
            ("garbage", CheckpointFileError.Code.malformed), ("", .malformed),
            (try #require(CheckpointNote(origin: other.origin, size: 1, root: Self.roots[0])).text, .otherLog),
        ] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: file.path))
            #expect(try #require(throws: CheckpointFileError.self) { try file.read() }.code == code)
            #expect(
                try #require(throws: CheckpointFileError.self) { try file.write(Self.note(2, Self.roots[1])) }.code
                    == code)
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == content)
        }
    }

    @Test("links are not followed, and a missing folder is an error")
    func unsafePlaces() throws {
        let folder = try Scratch()
        let file = try Self.file(folder)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/etc/hostname")
        #expect(throws: CheckpointFileError.self) { try file.read() }
        #expect(throws: CheckpointFileError.self) { try file.write(Self.note(1, Self.roots[0])) }
        let nowhere = CheckpointFile(path: folder.path + "/missing/checkpoint", origin: "bureau.example/test")
        #expect(
            try #require(throws: CheckpointFileError.self) { try nowhere.write(Self.note(1, Self.roots[0])) }.code
                == .io)
    }
}
