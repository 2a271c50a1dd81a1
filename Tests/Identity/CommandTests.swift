import Foundation
import Identity
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Channels and second factors on the command line")
struct CommandTests {
    private struct Ended {
        var status: Int32
        var output: String
        var errors: String
    }

    private func bureau(_ folder: Scratch, input: String = "", _ arguments: String...) throws -> Ended {
        let process = Process()
        let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
        process.executableURL = Built.binary("bureau")
        process.arguments = arguments + ["--store", folder.folder("store")]
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        try process.runAlone()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Ended(status: process.terminationStatus, output: text, errors: said)
    }

    @Test("a channel is set with its secret from standard input, tried, listed without it, and removed")
    func notify() async throws {
        let folder = try Scratch()
        let peer = try await Peer.start("receivers.py", folder.path)
        let here = "127.0.0.1:\(peer.port)"
        let set = try bureau(
            folder, input: "http://\(here)/slack/SECRET\n", "notify", "set", "team", "--kind", "slack")
        #expect(set.status == 0 && set.output == "team is set\n", "\(set)")
        let hook = try bureau(
            folder, "notify", "set", "hook", "--kind", "webhook", "--url", "http://\(here)/hook", "--json")
        let secret = try JSONParser.parse(hook.output)["secret"]?.stringValue ?? ""
        #expect(secret.hasPrefix("whsec_"))
        try peer.post("/secret", .string(secret))
        let guarded = try bureau(folder, "notify", "test", "hook")
        #expect(guarded.status == 1 && guarded.errors.contains("allow-plain-http"), "\(guarded)")
        for name in ["team", "hook"] {
            let test = try bureau(
                folder, "notify", "test", name, "--allow-plain-http", here, "--allow-private-host", here)
            #expect(test.status == 0 && test.output == "\(name) took it (200)\n", "\(test)")
        }
        let seen = try peer.get("/seen").arrayValue ?? []
        #expect(seen.map { $0["way"] } == ["/slack/SECRET", "/hook"] && seen.last?["verified"] == true)
        let listed = try bureau(folder, "notify", "list", "--json")
        #expect(listed.output.contains("approval.requested"))
        #expect(!listed.output.contains("SECRET") && !listed.output.contains(secret))
        let wrong = try bureau(folder, "notify", "set", "mail", "--kind", "smtp", "--host", "x", "--from", "nobody")
        #expect(wrong.status == 3 && wrong.errors.contains("from is an address"), "\(wrong)")
        #expect(try bureau(folder, "notify", "remove", "hook").status == 0)
        #expect(try bureau(folder, "notify", "test", "hook").status == 4)
        #expect(try bureau(folder, "audit", "verify").status == 0)
    }

    @Test("an administrator sees an account's factors and takes them away")
    func reset() async throws {
        let folder = try Scratch()
        let house = try await IdentityHouse(folder: folder)
        _ = try await house.totp()
        #expect(await house.refusal(IdentityHouse.ana.id, .code("000000")) != nil)
        await house.journal.close()
        let listed = try JSONParser.parse(try bureau(folder, "mfa", "list", IdentityHouse.ana.id, "--json").output)
        #expect(listed["failures"] == 1 && listed["factors"]?.arrayValue?.first?["kind"] == "totp")
        let reset = try bureau(folder, "mfa", "reset", IdentityHouse.ana.id)
        #expect(reset.status == 0 && reset.output.hasPrefix("1 second factors"), "\(reset)")
        let left = try JSONParser.parse(try bureau(folder, "mfa", "list", IdentityHouse.ana.id, "--json").output)
        #expect(left["failures"] == 0 && left["factors"] == [])
    }
}
