import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Packages on the command line")
struct PackageTests {
    let parcel: Parcel
    var command: Command { parcel.command }

    init() throws { parcel = try Parcel() }

    @Test("pack, sign, trust, install, run, upgrade, roll back and remove; the history and the audit log have it all")
    func life() throws {
        let first = try parcel.package(try Parcel.library("1.0.0"))
        try parcel.trust()
        let installed = try command("plugin", "install", first)
        #expect(installed.status == 0, "\(installed.errors)")
        #expect(installed.output.contains("installed parcel 1.0.0, signed by example.org/plugins+"))
        #expect(installed.output.contains("asks for nothing"))
        #expect(try parcel.run().json()["run"]?["output"]?["version"] == "1.0.0")

        let second = try parcel.package(try Parcel.library("1.1.0", Parcel.wantsModels))
        let upgraded = try command("plugin", "upgrade", second)
        #expect(upgraded.status == 0, "\(upgraded.errors)")
        #expect(upgraded.output.contains("upgraded parcel 1.1.0") && upgraded.output.contains("it was 1.0.0"))
        #expect(upgraded.output.contains("next: bureau departments enable parcel"))
        let waiting = try parcel.run()
        #expect(waiting.status == 5 && waiting.errors.contains("departments enable parcel"), "\(waiting.errors)")
        #expect(try command("departments", "enable", "parcel", "--yes").status == 0)
        #expect(try parcel.run().json()["run"]?["output"]?["version"] == "1.1.0")

        #expect(try command("plugin", "rollback", "parcel").status == 0)
        #expect(try parcel.run().json()["run"]?["output"]?["version"] == "1.0.0")
        #expect(try command("plugin", "rollback", "parcel").status == 4, "nothing came before 1.0.0")
        #expect(try command("plugin", "rollback", "parcel", "--to", "1.1.0").status == 0)
        #expect(try parcel.run().json()["run"]?["output"]?["version"] == "1.1.0")
        #expect(parcel.libraries().count == 2)

        #expect(try command("plugin", "remove", "parcel").status == 0)
        #expect(try parcel.run().status == 4)
        #expect(parcel.libraries().isEmpty)
        let history = try command("plugin", "history", "parcel", "--json").json()["history"]?.arrayValue ?? []
        #expect(
            history.map { $0["action"] } == ["installed", "upgraded", "rolled_back", "rolled_back", "removed"])
        // What was removed comes back without the grant that it had.
        #expect(try command("plugin", "install", second).status == 0)
        #expect(try parcel.run().status == 5)
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("packing twice gives the same bytes, and openssl agrees with the signature")
    func independent() throws {
        let library = try Parcel.library("1.0.0")
        let license = try command.scratch.write(Array("MIT\n\nPermission…\n".utf8), to: "LICENSE")
        let packages = try (0..<2).map { _ in try parcel.package(library, signed: false, "--license", license) }
        let bytes = try packages.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        #expect(bytes[0] == bytes[1])
        try parcel.sign(packages[0])
        let folder = command.scratch.folder("unpacked")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try command.run(["-xf", packages[0], "-C", folder], program: "/usr/bin/tar").status == 0)
        // The note ends with "— NAME base64(hash ‖ signature)"; a key is "NAME+HASH+base64(1 ‖ key)" (C2SP).
        let note = try String(contentsOfFile: folder + "/manifest.json.sig", encoding: .utf8)
        let manifest = try String(contentsOfFile: folder + "/manifest.json", encoding: .utf8)
        #expect(note.hasPrefix(manifest + "\n\u{2014} example.org/plugins "))
        let line = try #require(note.split(separator: "\n").last?.split(separator: " ").last)
        let signature = try #require(Data(base64Encoded: String(line)))
        let key = try #require(
            parcel.key.split(separator: "+", maxSplits: 2).last.flatMap { Data(base64Encoded: String($0)) })
        #expect(signature.count == 68 && key.count == 33)
        // RFC 8410: the DER header of an Ed25519 public key.
        let header: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        let keyFile = try command.scratch.write(header + key.dropFirst(), to: "key.der")
        let signatureFile = try command.scratch.write(Array(signature.dropFirst(4)), to: "signature")
        func verify(_ file: String) throws -> Int32 {
            try command.run(
                [
                    "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", keyFile, "-rawin", "-in", file,
                    "-sigfile", signatureFile,
                ], program: "/usr/bin/openssl"
            ).status
        }
        #expect(try verify(folder + "/manifest.json") == 0)
        #expect(try verify(folder + "/LICENSE") == 1)
    }

    @Test("the bill of materials is one for the validator of the CycloneDX project")
    func bill() throws {
        let license = try command.scratch.write(Array("MIT\n".utf8), to: "LICENSE")
        let library = Built.departments[0]
        let folder = command.scratch.path
        let package = try parcel.package(library, signed: false, "--license", license)
        #expect(try command.run(["-xf", package, "-C", folder], program: "/usr/bin/tar").status == 0)
        let bill = folder + "/sbom.cdx.json"
        let text = try String(contentsOfFile: bill, encoding: .utf8)
        #expect(text.contains("libswiftCore.so"), "what the library needs is listed")
        let wrong = text.replacingOccurrences(of: #""type":"library""#, with: #""type":"libry""#)
        let wrongFile = try command.scratch.write(Array(wrong.utf8), to: "wrong.json")
        let validator = Built.checkout.appendingPathComponent("Tests/Support/validate_bill.py").path
        let result = try command.run(
            [validator, bill, wrongFile],
            environment: ["HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/root"],
            program: "/usr/bin/python3")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix(wrongFile) && result.output.split(separator: "\n").count == 1)
    }

    @Test("a flipped byte anywhere refuses the package")
    func flipped() throws {
        var random = SplitMix64(seed: TestSeed.next())
        let file = try parcel.package(try Parcel.library("1.0.0"))
        try parcel.trust()
        #expect(try command("plugin", "verify", file).status == 0)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        let offsets = (0..<40).map { _ in Int.random(in: bytes.indices, using: &random) }
        for offset in offsets {
            var changed = bytes
            changed[offset] ^= UInt8.random(in: 1...255, using: &random)
            let path = try command.scratch.write(changed, to: "changed.bureau")
            #expect(try command("plugin", "install", path).status == 5, "byte \(offset)")
        }
        #expect(try parcel.installed() == nil && parcel.libraries().isEmpty)
        #expect(try command("plugin", "install", file).status == 0)
    }

    @Test("keys are private files that are never replaced; two may sign, and either is enough")
    func keys() throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: parcel.keyFile)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let again = try command("plugin", "keygen", "example.org/plugins", "--into", parcel.keyFile)
        #expect(again.status == 2 && again.output.isEmpty)
        let next = try command("plugin", "keygen", "example.org/next", "-o", command.scratch.folder("next"), "--json")
        let nextKey = try #require(try next.json()["key"]?.stringValue)
        let file = try parcel.package(try Parcel.library("1.0.0"))
        try parcel.sign(file, command.scratch.folder("next"))
        for key in [parcel.key, nextKey] {
            let verified = try command("plugin", "verify", file, "--key", key, "--json")
            #expect(try verified.json()["signer"]?.stringValue == key)
        }
        let stranger = try command("plugin", "verify", file)
        #expect(stranger.status == 5 && stranger.errors.contains("not trusted"))
    }

    @Test("a changed library on the disk is refused by name at every load; others serve, and installing repairs it")
    func damaged() throws {
        try parcel.install("1.0.0")
        let library = try #require(try parcel.installed()).library
        let path = "\(command.store)/plugins/\(library).so"
        // Another sound plugin in its place: only the digest tells.
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: try Parcel.library("9.9.9"), toPath: path)
        let run = try parcel.run()
        #expect(run.status == 5 && run.errors.contains("parcel 1.0.0 is damaged"), "\(run.errors)")
        let listed = try command("departments", "list", "--json")
        #expect(listed.status == 5 && listed.errors.contains("parcel 1.0.0 is damaged"), "\(listed.errors)")
        let departments = try listed.json()["departments"]?.arrayValue ?? []
        #expect(departments.first { $0["name"] == "parcel" }?["state"] == "refused")
        #expect(departments.first { $0["name"] == "finance" }?["state"] == "enabled")

        let served = try command.start([
            "serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "1",
        ])
        defer { served.process.terminate() }
        let line = try served.line(with: "address")
        let address = try #require(try JSONParser.parse(Array(line.utf8))["address"]?.stringValue)
        #expect(try command.run(["-sSf", address + "/readyz"], program: "/usr/bin/curl").status == 0)
        let held = try command("plugin", "remove", "parcel")
        #expect(held.status == 8 && held.errors.contains("stop that host first"), "\(held.errors)")
        served.process.terminate()
        served.process.waitUntilExit()

        let package = try parcel.package(try Parcel.library("1.0.0"))
        let repaired = try command("plugin", "install", package, "--json")
        #expect(repaired.status == 0, "\(repaired.errors)")
        #expect(try parcel.run().json()["run"]?["output"]?["version"] == "1.0.0")
    }
}
