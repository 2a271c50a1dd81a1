import Foundation
import Testing

/// Real hosts with hostile departments, and what they make of them.
@Suite("Hostile plugins", .timeLimit(.minutes(5)))
struct HostileTests {
    @Test("each act ends as documented, the host answers, and other departments' runs are done")
    func acts() async {
        await withTaskGroup(of: Void.self) { group in
            for acts in Acts.groups {
                group.addTask { await Self.perform(acts) }
            }
        }
    }

    /// On a thread of its own, since it blocks.
    private static func perform(_ acts: [Act]) async {
        let (complaints, counts) = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: outcome(of: acts)) }
        }
        for complaint in complaints { Issue.record("\(complaint)") }
        #expect(counts.probes > 0 && counts.runs > 0)
    }

    private static func outcome(of acts: [Act]) -> ([String], Watch.Counts) {
        do {
            var stage = try Stage(acts)
            do {
                try stage.play()
            } catch {
                return (stage.complaints + ["\(error)"], stage.counts)
            }
            return (stage.complaints, stage.counts)
        } catch {
            return (["\(error)"], Watch.Counts())
        }
    }

    @Test("the README's table is this suite's")
    func table() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let text = try String(contentsOf: here.appendingPathComponent("README.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows == Acts.all.map(\.row), "write:\n\(Acts.all.map(\.row).joined(separator: "\n"))")
        #expect(Set(Acts.all.map(\.name)).count == Acts.all.count)
    }
}
