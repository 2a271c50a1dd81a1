import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Packages that are refused")
struct PackageRefusalTests {
    let parcel: Parcel
    var command: Command { parcel.command }

    init() throws { parcel = try Parcel() }

    private func refused(_ arguments: String..., status: Int32 = 5, because reason: String) throws {
        let before = try parcel.installed()
        let result = try command.run(["plugin"] + arguments)
        #expect(result.status == status && result.errors.contains(reason), "\(result.status): \(result.errors)")
        #expect(result.errorLines.count == 1)
        #expect(try parcel.installed()?.library == before?.library)
    }

    @Test("unsigned, by an unknown key, by a key for another plugin, and by a key that is trusted no more")
    func signatures() throws {
        let library = try Parcel.library("1.0.0")
        let unsigned = try parcel.package(library, signed: false)
        try refused("install", unsigned, because: "--allow-unsigned")
        let signed = try parcel.package(library)
        let fingerprint = parcel.key.split(separator: "+").prefix(2).joined(separator: "+")
        try refused("install", signed, because: "signed by \(fingerprint), which is not trusted")
        try refused("install", signed, because: "bureau plugin trust add KEY --plugin org.example.parcel")
        try refused("install", signed, "--allow-unsigned", because: "which is not trusted")
        #expect(!FileManager.default.fileExists(atPath: command.store), "a refusal leaves no trace")

        #expect(try command("plugin", "trust", "add", parcel.key, "--plugin", "org.example.other").status == 0)
        try refused("install", signed, because: "is trusted for other plugins")
        try parcel.trust()
        #expect(
            try command("plugin", "trust", "remove", parcel.key, "--plugin", "org.example.parcel").status == 0)
        try refused("install", signed, because: "is trusted for other plugins")
        try refused(
            "trust", "remove", parcel.key, "--plugin", "org.example.parcel", status: 4, because: "is not trusted")
        #expect(try command("plugin", "install", unsigned, "--allow-unsigned").status == 0)
        let listed = try command("plugin", "trust", "list", "--json").json()["publishers"]?.arrayValue ?? []
        #expect(listed == [["key": .string(parcel.key), "plugin": "org.example.other"]])
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("older than was ever installed, the same version with other contents, the wrong command")
    func versions() throws {
        let first = try parcel.package(try Parcel.library("1.0.0"))
        try parcel.install("2.0.0")
        try refused("upgrade", first, because: "older than 2.0.0")
        try refused("install", try parcel.package(try Parcel.library("2.1.0")), status: 2, because: "plugin upgrade")
        let changed = try parcel.package(try Parcel.library("2.0.0", #"WANTS="{\"state_bytes\":64}""#))
        try refused("upgrade", changed, because: "was another library before")
        #expect(try command("plugin", "upgrade", first, "--allow-downgrade").status == 0)
        try refused(
            "upgrade", try parcel.package(try Parcel.library("1.5.0")), because: "older than 2.0.0")
        #expect(try command("plugin", "remove", "parcel").status == 0)
        try refused("install", first, because: "older than 2.0.0")
        try refused("upgrade", first, status: 4, because: "plugin install")
        try refused("rollback", "parcel", status: 4, because: "no plugin is installed")
    }

    @Test("for another machine, another ABI, expired, of a held department, or with a library that says otherwise")
    func unusable() throws {
        try parcel.trust()
        let library = try Parcel.library("1.0.0")
        try refused("install", try parcel.package(library, "--expires", "1000"), because: "expired")
        let elsewhere = try edited(library, #""arch":"[a-z0-9_]*""#, #""arch":"riscv64""#)
        try refused("install", elsewhere, because: "riscv64")
        try refused("install", try edited(library, #""major":1"#, #""major":7"#), because: "ABI 7")
        let renamed = try edited(library, #""version":"1.0.0""#, #""version":"1.0.1""#)
        try refused("install", renamed, because: "says it is")
        #expect(parcel.libraries().isEmpty, "a library that was refused does not stay")

        try parcel.install("1.0.0")
        let rival = try parcel.package(
            try Parcel.library("1.0.0", #"ID="org.example.rival""#), signed: false)
        try refused("install", rival, "--allow-unsigned", because: "is org.example.parcel here")
        let bundled = try parcel.package(
            try Parcel.library("1.0.0", #"DEPARTMENT="finance""#, #"ID="org.example.rival""#), signed: false)
        try refused("install", bundled, "--allow-unsigned", because: "came with bureau")
    }

    /// A package whose manifest its publisher wrote so, and signed.
    private func edited(_ library: String, _ pattern: String, _ replacement: String) throws -> String {
        let file = try parcel.package(library, signed: false)
        let script = """
            import io, re, sys, tarfile
            path, pattern, replacement = sys.argv[1:]
            old = tarfile.open(path)
            files = {m.name: old.extractfile(m).read() for m in old}
            text = files["manifest.json"]
            files["manifest.json"] = re.sub(pattern.encode(), replacement.encode(), text, count=1)
            assert files["manifest.json"] != text
            out = io.BytesIO()
            for name in sorted(files):
                head = bytearray(512)
                def put(value, at): head[at:at + len(value)] = value
                size = len(files[name])
                put(name.encode(), 0); put(b"0000644\\0", 100); put(b"0000000\\0", 108); put(b"0000000\\0", 116)
                put(b"%011o\\0" % size, 124); put(b"00000000000\\0", 136); put(b" " * 8, 148); put(b"0", 156)
                put(b"ustar\\x0000", 257); put(b"%06o\\0 " % sum(head), 148)
                out.write(head + files[name] + b"\\0" * (-size % 512))
            open(path, "wb").write(out.getvalue() + b"\\0" * 1024)
            """
        let edit = try command.run(["-c", script, file, pattern, replacement], program: "/usr/bin/python3")
        guard edit.status == 0 else { throw Failure(.internal, edit.errors) }
        try parcel.sign(file)
        return file
    }
}
