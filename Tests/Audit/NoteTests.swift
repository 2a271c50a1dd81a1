import Audit
import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Signed notes")
struct NoteTests {
    /// Of golang.org/x/mod/sumdb/note.
    static let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    static let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let text = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        """
    static let signature =
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    static var note: String { "\(text)\n\u{2014} PeterNeumann \(signature)\n" }

    @Test("the note of x/mod is written byte for byte, and read")
    func goNote() throws {
        let secret = try NoteSecret(parsing: Self.secret)
        #expect(secret.text == Self.secret && secret.key.description == Self.key)
        #expect(try Note(Self.text, signedBy: [secret]).serialized == Self.note)
        let read = try Note(parsing: Array(Self.note.utf8))
        #expect(try read.signers(among: [NoteKey(parsing: Self.key)]) == [secret.key])
        #expect(read.serialized == Self.note)
    }

    @Test("the example of C2SP signed-note is read")
    func standardNote() throws {
        let key = try NoteKey(parsing: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        let signature =
            "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
        let note = try Note(
            parsing: Array("This is an example message.\n\n\u{2014} example.com/foo \(signature)\n".utf8))
        #expect(try note.signers(among: [key]) == [key])
    }

    @Test("every proper part of a key and every altered byte of it is refused, as x/mod asks")
    func alteredKeys() {
        let bytes = Array(Self.key.utf8)
        for start in bytes.indices {
            for end in start...bytes.count where end - start < bytes.count {
                #expect((try? NoteKey(parsing: String(decoding: bytes[start..<end], as: UTF8.self))) == nil)
            }
            var altered = bytes
            altered[start] += 1
            #expect((try? NoteKey(parsing: String(decoding: altered, as: UTF8.self))) == nil)
        }
    }

    @Test("all 16 checkpoints of Tessera's golden log are signed byte for byte")
    func tessera() throws {
        let tessera = try Vectors.load().tessera
        let secret = try NoteSecret(parsing: tessera.skey)
        #expect(
            secret.key.description
                == "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
        #expect(tessera.checkpoints.count == 16)
        var builder = TileBuilder()
        for size in 0...15 {
            let published = try #require(tessera.checkpoints[String(size)])
            let checkpoint = try #require(
                CheckpointNote(origin: secret.key.name, size: Int64(size), root: builder.root))
            #expect(try Note(checkpoint.text, signedBy: [secret]).serialized == published)
            let read = try Note(parsing: Array(published.utf8))
            try read.requireSigner(among: [secret.key])
            #expect(CheckpointNote(read.text) == checkpoint)
            if size < 15 { #expect(builder.append(Array(tessera.entries[size].utf8)).isEmpty) }
        }
        #expect(builder.partial.map(\.bytes.count) == [99, 480])
    }

    static let altered: [(String, String)] = [
        ("CRLF", note.replacingOccurrences(of: "\n", with: "\r\n")),
        ("no last newline", String(note.dropLast())),
        ("an empty line after it", note + "\n"),
        ("a control character", note.replacingOccurrences(of: "think", with: "th\u{07}nk")),
        ("a tab", note.replacingOccurrences(of: "you think", with: "you\tthink")),
        ("a hyphen for the dash", note.replacingOccurrences(of: "\u{2014}", with: "-")),
        ("no name", note.replacingOccurrences(of: " PeterNeumann", with: "")),
        ("a name with a plus", note.replacingOccurrences(of: "PeterNeumann", with: "Peter+Neumann")),
        ("a name with a wide space", note.replacingOccurrences(of: "PeterNeumann", with: "Peter\u{2003}Neumann")),
        ("loose base64", note.replacingOccurrences(of: "JnAM=", with: "JnAN=")),
        ("short base64", note.replacingOccurrences(of: "JnAM=", with: "JnA")),
        ("only a key number", "\(text)\n\u{2014} PeterNeumann x08gow==\n"),
        ("no signatures", text + "\n"),
        ("no empty line", text + "\u{2014} PeterNeumann \(signature)\n"),
        ("too many signatures", text + "\n" + String(repeating: "\u{2014} PeterNeumann \(signature)\n", count: 65)),
        ("too long", String(repeating: "a", count: 2 << 20) + "\n" + note), ("nothing", ""),
    ]

    @Test("what is no signed note is refused", arguments: altered.map(\.0))
    func malformed(name: String) throws {
        let text = try #require(Self.altered.first { $0.0 == name }?.1)
        #expect(throws: NoteError.self) { try Note(parsing: Array(text.utf8)) }
    }

    @Test("signatures of strangers mean nothing, 16 are read, and a wrong one of a known key refuses the note")
    func strangers() throws {
        let secret = try NoteSecret(parsing: Self.secret)
        let strangers = try (0..<15).map {
            try NoteSecret(name: "stranger/\($0)", seed: Array(repeating: $0, count: 32))
        }
        let note = try Note(parsing: Array(Note(Self.text, signedBy: strangers + [secret]).serialized.utf8))
        #expect(try note.signers(among: [secret.key]) == [secret.key])
        let unsigned = try Note(Self.text, signedBy: strangers)
        #expect(throws: NoteError.self) { try unsigned.requireSigner(among: [secret.key]) }
        let other = try Note("Another text.\n", signedBy: [secret]).adding(note.signatures)
        #expect(throws: NoteError.self) { try other.signers(among: [secret.key]) }
        // The same name under another number is another key.
        let twin = try NoteSecret(name: secret.key.name, seed: Array(repeating: 9, count: 32))
        #expect(throws: NoteError.self) { try note.requireSigner(among: [twin.key]) }
    }
}
