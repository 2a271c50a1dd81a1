import Foundation
import Kernel
import TestSupport
import Testing

/// Where departments run, as the operator writes it. With the departments that came with bureau: Swift plugins that
/// share a process share its runtime too.
@Suite("Placement, by the real command")
struct PlacementTests {
    private static let shared = ["--placement", "finance=group:desk", "--placement", "council=group:desk"]
    private static let npv = #"{"rate":0.1,"amounts_minor":[-10000,6000,6000]}"#

    private let command: Command

    init() throws { command = try Command() }

    private func placements(_ arguments: [String]) throws -> [String: String] {
        let list = try command.run(["departments", "list", "--json"] + arguments).json()["departments"]?.arrayValue
        let pairs = (list ?? []).map { ($0["name"]?.stringValue ?? "", $0["placement"]?.stringValue ?? "") }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    @Test("each department has the place that was named for it, the others the general one")
    func shown() throws {
        let places = try placements(Self.shared + ["--placement", "inline"])
        #expect(places["finance"] == "group:desk" && places["council"] == "group:desk")
        #expect(places["research"] == "inline")
        #expect(try placements([])["finance"] == "worker")
        let shown = try command.run(["departments", "show", "finance"] + Self.shared)
        #expect(shown.output.contains("placement group:desk, one process with council"))
        let json = try command.run(["departments", "show", "council", "--json"] + Self.shared).json()
        #expect(json["companions"] == ["finance"])
    }

    @Test("what is said when a department is enabled is remembered, and the start's word on it is stronger")
    func remembered() throws {
        _ = try command.run(["run", "finance/npv", "--input", Self.npv])
        let enabled = try command.run(
            ["departments", "enable", "finance", "--yes", "--placement", "finance=group:desk"])
        #expect(enabled.status == 0, "\(enabled.errors)")
        #expect(try placements([])["finance"] == "group:desk")
        #expect(try placements(["--placement", "inline"])["finance"] == "group:desk")
        #expect(try placements(["--placement", "finance=inline"])["finance"] == "inline")
        #expect(try command.run(["departments", "disable", "finance"]).status == 0)
        #expect(try placements([])["finance"] == "group:desk")
    }

    @Test("a run in a shared process gives what it gives alone")
    func run() throws {
        let alone = try command.run(["run", "finance/npv", "--json", "--input", Self.npv])
        let shared = try command.run(["run", "finance/npv", "--json", "--input", Self.npv] + Self.shared)
        #expect(alone.status == 0 && shared.status == 0, "\(shared.errors)")
        let (expected, output) = (try alone.json()["run"]?["output"], try shared.json()["run"]?["output"])
        #expect(output?["npv_minor"] == 413 && output == expected)
    }

    @Test(
        "words that are no places are refused, and names that nobody has",
        arguments: ["group:", "finance=", "=worker"])
    func refused(word: String) throws {
        #expect(try command.run(["departments", "list", "--placement", word]).status == 2)
        for arguments in [["departments", "list"], ["run", "finance/npv", "--input", Self.npv]] {
            let result = try command.run(arguments + ["--placement", "finanse=group:desk"])
            #expect(result.status == 4 && result.errors.contains("finanse"), "\(result.errors)")
        }
    }
}
