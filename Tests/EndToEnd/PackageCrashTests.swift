import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Installing, killed at any moment")
struct PackageCrashTests {
    private static let pointsOfEach = 7

    @Test(
        "leaves the old plugin or the new one, whole; what was done is audited, and the next command goes on",
        arguments: ["install", "upgrade", "rollback", "remove"])
    func killed(action: String) throws {
        var random = SplitMix64(seed: TestSeed.next())
        let parcel = try Parcel(), command = parcel.command
        try parcel.trust()
        let packages = try ["1.0.0", "1.1.0"].map { try parcel.package(try Parcel.library($0)) }
        if action != "install" { #expect(try command("plugin", "install", packages[0]).status == 0) }
        if action == "rollback" { #expect(try command("plugin", "upgrade", packages[1]).status == 0) }
        let subject = action == "install" ? packages[0] : action == "upgrade" ? packages[1] : "parcel"
        let arguments = ["plugin", action, subject]
        let old = try parcel.installed()?.version
        let (changes, new) = try rehearse(arguments, parcel)
        try #require(changes > 5 && old != new, "\(action) changes something")

        let points = Set((0..<Self.pointsOfEach).map { _ in Int.random(in: 1...changes, using: &random) })
        var seen: Set<String?> = []
        for point in points.sorted() {
            let store = try copy(of: command.store, "store-\(point)")
            let killed = try command.run(
                arguments + ["--store", store],
                environment: ["LD_PRELOAD": try Self.killer.get(), "KILL_AT": "\(point)"])
            #expect(killed.status == -SIGKILL || killed.status == 0, "\(point): \(killed.errors)")
            let now = try parcel.installed(in: store)
            #expect(now?.version == old || now?.version == new, "\(action) killed at \(point) left \(now as Any)")
            seen.insert(now?.version)
            if let now {
                let file = Array(try Data(contentsOf: URL(fileURLWithPath: "\(store)/plugins/\(now.library).so")))
                #expect(Digest.sha256(file).hex == now.library)
            }
            // Ended, or done again from the beginning.
            let again = try command.run(arguments + ["--store", store])
            if now?.version == old { #expect(again.status == 0, "\(again.errors)") }
            let ended = try parcel.installed(in: store)
            #expect(ended?.version == new)
            #expect(parcel.libraries(in: store).allSatisfy { $0.utf8.count == 64 + 3 }, "what a kill left is swept")
            #expect(try command("audit", "verify", "--store", store).status == 0)
            try FileManager.default.removeItem(atPath: store)
        }
        #expect(seen.contains(old), "no kill came before the commit: choose more points")
    }

    /// - Returns: how many changes of files the command makes, and the version that is installed after it.
    private func rehearse(_ arguments: [String], _ parcel: Parcel) throws -> (changes: Int, version: String?) {
        let store = try copy(of: parcel.command.store, "rehearsal")
        let count = parcel.command.scratch.folder("count")
        let result = try parcel.command.run(
            arguments + ["--store", store],
            environment: ["LD_PRELOAD": try Self.killer.get(), "KILL_COUNT": count])
        #expect(result.status == 0, "\(result.errors)")
        let text = try String(contentsOfFile: count, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        return (try #require(Int(text)), try parcel.installed(in: store)?.version)
    }

    private func copy(of store: String, _ name: String) throws -> String {
        let target = URL(fileURLWithPath: store).deletingLastPathComponent().appendingPathComponent(name).path
        try FileManager.default.copyItem(atPath: store, toPath: target)
        return target
    }

    private static let killer = Swift.Result { try CompiledPlugin.build("killer") }
}
