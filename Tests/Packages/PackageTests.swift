import Foundation
import Kernel
import Packages
import TestSupport
import Testing

@Suite("Packages")
struct PackageTests {
    static func contents(_ version: String = "1.2.3") -> PluginPackage.Contents {
        PluginPackage.Contents(
            id: "org.example.greeter", department: "greeter", version: version, abiMajor: 1, abiMinor: 0,
            toolchain: "c11", architecture: "x86_64", library: Array((0..<3000).map { UInt8($0 % 251) }),
            needed: ["libc.so.6"], license: Array("Zero-Clause BSD\n\nPermission…\n".utf8), expires: nil)
    }

    @Test("the same inputs are the same bytes, and come back as they were")
    func roundTrip() throws {
        let packed = try PluginPackage(packing: Self.contents())
        #expect(try PluginPackage(packing: Self.contents()).bytes == packed.bytes)
        let read = try PluginPackage(reading: packed.bytes)
        #expect(read.manifest == packed.manifest && read.files == packed.files && read.note == nil)
        #expect(read.manifest.name == "greeter-1.2.3-x86_64.bureau")
        #expect(read.bytes == packed.bytes)
    }

    @Test("tar reads it as plain files")
    func independentReader() throws {
        let scratch = try Scratch()
        let file = try scratch.write(try PluginPackage(packing: Self.contents()).bytes, to: "p.bureau")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "--numeric-owner", "-tvf", file]
        process.standardOutput = output
        process.environment = ["PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C"]
        try process.runAlone()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let names = lines.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(names == ["LICENSE", "manifest.json", "plugin.so", "sbom.cdx.json"])
        #expect(lines.split(separator: "\n").allSatisfy { $0.hasPrefix("-rw-r--r-- 0/0") && $0.contains("1970-01-01") })
    }

    @Test("a signature is trusted for its plugin; others are refused with a reason")
    func trust() throws {
        let secret = try NoteSecret(publisher: "example.org/plugins")
        let other = try NoteSecret(publisher: "example.net")
        let signed = try PluginPackage(reading: PluginPackage(packing: Self.contents()).signed(with: secret).bytes)
        func code(_ publishers: [TrustedPublisher], of package: PluginPackage) -> PackageError.Code? {
            do throws(PackageError) {
                _ = try package.trustedSigner(by: publishers)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(try signed.trustedSigner(by: [TrustedPublisher(key: secret.key, plugin: nil)]) == secret.key)
        #expect(code([TrustedPublisher(key: secret.key, plugin: "org.example.greeter")], of: signed) == nil)
        #expect(code([], of: signed) == .untrusted)
        #expect(code([TrustedPublisher(key: other.key, plugin: nil)], of: signed) == .untrusted)
        #expect(code([TrustedPublisher(key: secret.key, plugin: "org.example.other")], of: signed) == .wrongPublisher)
        #expect(code([], of: try PluginPackage(packing: Self.contents())) == .unsigned)
    }

    @Test("a signature over another manifest, or an altered one, is refused whatever is trusted")
    func altered() throws {
        let secret = try NoteSecret(publisher: "example.org")
        let first = try PluginPackage(packing: Self.contents("1.0.0")).signed(with: secret)
        let second = try PluginPackage(packing: Self.contents("2.0.0"))
        let stolen = Array(try #require(first.note).serialized.utf8)
        let mixed = TapeArchive.write(
            second.files.map { TapeArchive.Entry(name: $0.key, bytes: $0.value) } + [
                .init(name: "manifest.json", bytes: second.manifestBytes),
                .init(name: "manifest.json.sig", bytes: stolen),
            ])
        #expect(throws: PackageError.self) { try PluginPackage(reading: mixed) }
        var forged = stolen
        let last = forged.count - 6
        forged[last] = forged[last] == 0x41 ? 0x42 : 0x41
        let note = try? Note(parsing: forged)
        #expect(throws: NoteError.self) { _ = try #require(note).signers(among: [secret.key]) }
    }

    @Test("sixteen publishers sign one package; a seventeenth is refused, also in a package from elsewhere")
    func manySigners() throws {
        var package = try PluginPackage(packing: Self.contents())
        for number in 1...16 { package = try package.signed(with: try NoteSecret(publisher: "example.org/\(number)")) }
        #expect(try PluginPackage(reading: package.bytes).note?.signatures.count == 16)
        let last = try NoteSecret(publisher: "example.org/17")
        let full = package
        #expect(throws: PackageError.self) { try full.signed(with: last) }
        let manifest = String(decoding: package.manifestBytes, as: UTF8.self)
        func bytes(_ signatures: Note) -> [UInt8] {
            var entries = full.files.map { TapeArchive.Entry(name: $0.key, bytes: $0.value) }
            entries.append(.init(name: "manifest.json", bytes: full.manifestBytes))
            entries.append(.init(name: "manifest.json.sig", bytes: Array(signatures.serialized.utf8)))
            return TapeArchive.write(entries)
        }
        let seventeen = try #require(full.note).adding(try Note(manifest, signedBy: [last]).signatures)
        #expect(throws: PackageError.self) { try PluginPackage(reading: bytes(seventeen)) }
        // A log's key may have a name that no publisher's may.
        let log = try NoteSecret(name: "ex\u{e4}mple.org", seed: Array(repeating: 7, count: 32))
        let odd = try Note(manifest, signedBy: [log])
        #expect(throws: PackageError.self) { try PluginPackage(reading: bytes(odd)) }
    }

    @Test("every single changed byte of a signed package is noticed")
    func everyByte() throws {
        let secret = try NoteSecret(publisher: "example.org")
        let bytes = try PluginPackage(packing: Self.contents()).signed(with: secret).bytes
        let publishers = [TrustedPublisher(key: secret.key, plugin: nil)]
        let whole = try PluginPackage(reading: bytes)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x01
            do throws(PackageError) {
                let read = try PluginPackage(reading: changed)
                _ = try read.trustedSigner(by: publishers)
                // What is still accepted says the same as before: nothing of it was covered differently.
                #expect(read.bytes == whole.bytes, "byte \(index)")
            } catch {
                continue
            }
        }
    }

    @Test("10,000 mutated packages are refused or read, and nothing else happens")
    func mutations() throws {
        var random = SplitMix64(seed: TestSeed.next())
        let secret = try NoteSecret(publisher: "example.org")
        let seeds = [
            try PluginPackage(packing: Self.contents()).bytes,
            try PluginPackage(packing: Self.contents()).signed(with: secret).bytes,
        ]
        for _ in 0..<10_000 {
            var bytes = seeds[Int.random(in: 0...1, using: &random)]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                switch Int.random(in: 0...4, using: &random) {
                case 0: bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeLast(Int.random(in: 0..<min(bytes.count - 1, 1024), using: &random))
                case 2:
                    let at = Int.random(in: bytes.indices, using: &random)
                    bytes.insert(contentsOf: bytes[..<min(512, bytes.count)], at: at)
                case 3:
                    let at = Int.random(in: 0..<max(bytes.count / 512, 1), using: &random) * 512
                    bytes.replaceSubrange(at..<min(at + 512, bytes.count), with: repeatElement(0xFF, count: 512))
                default: bytes += (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) }
                }
            }
            _ = try? PluginPackage(reading: bytes)
        }
    }

    @Test(
        "unsafe archives are refused",
        arguments: ["../plugin.so", "/plugin.so", "a//b", ".hidden", "a/../b", "a b", "é", ""])
    func unsafeNames(name: String) {
        #expect(!TapeArchive.isSafe(name))
    }

    @Test("usable here and now, or refused with the reason")
    func usable() throws {
        var contents = Self.contents()
        contents.expires = 1000
        let package = try PluginPackage(packing: contents)
        try package.checkUsable(architecture: "x86_64", abiMajor: 1, abiMinor: 0, now: 999)
        #expect(throws: PackageError.self) {
            try package.checkUsable(architecture: "x86_64", abiMajor: 1, abiMinor: 0, now: 1000)
        }
        #expect(throws: PackageError.self) {
            try package.checkUsable(architecture: "aarch64", abiMajor: 1, abiMinor: 0, now: 0)
        }
        #expect(throws: PackageError.self) {
            try package.checkUsable(architecture: "x86_64", abiMajor: 2, abiMinor: 0, now: 0)
        }
    }
}

@Suite("Publisher keys")
struct PublisherKeyTests {
    /// From the documentation of golang.org/x/mod/sumdb/note: the key of its example, and the note that it signed.
    static let exampleKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let exampleSignature =
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    static let exampleNote = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        \u{2014} PeterNeumann \(exampleSignature)

        """

    @Test("a key and a note of another implementation are understood")
    func example() throws {
        let key = try NoteKey(publisher: Self.exampleKey)
        #expect(key.name == "PeterNeumann" && key.id == 0xc74f_20a3 && key.description == Self.exampleKey)
        let note = try Note(parsing: Array(Self.exampleNote.utf8))
        #expect(try note.signers(among: [key]) == [key])
        #expect(note.serialized == Self.exampleNote)
    }

    @Test("keys survive being written down, and typing errors are noticed")
    func roundTrip() throws {
        let secret = try NoteSecret(publisher: "example.org/plugins")
        #expect(try NoteSecret(publisherText: secret.text).key == secret.key)
        #expect(try NoteKey(publisher: secret.key.description) == secret.key)
        let text = secret.key.description
        for index in text.indices {
            var wrong = text
            wrong.replaceSubrange(index...index, with: text[index] == "x" ? "y" : "x")
            #expect((try? NoteKey(publisher: wrong)) == nil, "\(wrong)")
        }
    }
}
