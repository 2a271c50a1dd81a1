import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// Kills the host at each commit boundary of the main job and lets a new host finish it.
@Suite("The main job survives a kill at every commit boundary", .serialized)
struct CommitBoundaryTests {
    private struct Ending: Equatable {
        var state: String
        var output: JSONValue
    }

    /// What must not change once it was committed.
    private struct Committed: Hashable {
        var run: RunID
        var sequence: Int
        var attempt: Int
        var finishedAt: Instant?
        var result: EffectResult?
    }

    private let input: String
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        input = try scratch.write(LaunchCase.input(), to: "input.json")
    }

    @Test("the result equals an undisturbed run, and no committed step is executed again")
    func everyBoundary() async throws {
        let (undisturbed, commits) = try finish(store: scratch.folder("undisturbed"))
        #expect(undisturbed.state == "done")
        #expect(commits > 20)
        for boundary in 1...commits {
            // A kill before a commit loses it, a kill after it must not. Alternate: neighbours cover each other.
            let point = boundary.isMultiple(of: 2) ? "after" : "before"
            let store = scratch.folder("\(point)-\(boundary)")
            let killed = try host(store: store, fault: [point, String(boundary)])
            guard killed.status == SIGKILL, killed.reason == .uncaughtSignal else {
                // Group commits are timing: a run may need fewer than the undisturbed one did.
                #expect(boundary > commits / 2, "the host was not killed \(point) commit \(boundary)")
                continue
            }
            let before = try await committed(store)
            let (ending, _) = try finish(store: store)
            #expect(ending == undisturbed, "killed \(point) commit \(boundary)")
            let after = try await committed(store)
            #expect(before.isSubset(of: after), "killed \(point) commit \(boundary): a committed step changed")
            try FileManager.default.removeItem(atPath: store)
        }
    }

    @Test("a host killed at random moments, again and again, ends with the same result")
    func killLoop() async throws {
        let (undisturbed, _) = try finish(store: scratch.folder("undisturbed"))
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let store = scratch.folder("loop")
        var kills = 0
        var kept: Set<Committed> = []
        while kills < 15 {
            let process = try start(store: store, fault: [])
            let delay = Double.random(in: 0.01...0.6, using: &random)
            let finished = process.waitUntilExit(upTo: delay)
            if finished { break }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            kills += 1
            let now = try await committed(store)
            #expect(kept.isSubset(of: now), "kill \(kills), seed \(seed): a committed step was lost or done again")
            kept = now
        }
        let (ending, _) = try finish(store: store)
        #expect(ending == undisturbed, "after \(kills) kills, seed \(seed)")
    }

    // MARK: Driving the host

    private func finish(store: String) throws -> (Ending, commits: Int) {
        let result = try host(store: store, fault: [])
        let document = try JSONParser.parse(Array(result.output))
        #expect(document["audit_problems"] == [])
        let ending = Ending(
            state: try #require(document["state"]?.stringValue),
            output: LaunchCase.withoutIdentity(document["output"] ?? .null))
        return (ending, Int(try #require(document["commits"]?.integerValue)))
    }

    private func host(
        store: String, fault: [String]
    ) throws -> (status: Int32, reason: Process.TerminationReason, output: Data) {
        let process = try start(store: store, fault: fault)
        let pipe = try #require(process.standardOutput as? Pipe)
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason, output)
    }

    private func start(store: String, fault: [String]) throws -> Process {
        let process = Process()
        process.executableURL = Built.binary("bureau-fault-host")
        process.arguments =
            [
                store, Built.binary("bureau-worker").path, Built.departments.joined(separator: ","), LaunchCase.task,
                input,
            ]
            + fault
        process.standardOutput = Pipe()
        try process.runAlone()
        return process
    }

    /// Nil: killed before its tables were there.
    private func opened(_ store: String) async throws -> SQLiteJournal? {
        do {
            return try await SQLiteJournal.openReadOnly(folder: store, clock: { Instant(unixMilliseconds: 0) })
        } catch {
            guard error.code == .notFound || error.message.contains("schema 0") else { throw error }
            return nil
        }
    }

    private func committed(_ store: String) async throws -> Set<Committed> {
        guard FileManager.default.fileExists(atPath: store) else { return [] }
        guard let journal = try await opened(store) else { return [] }
        defer { Task { await journal.close() } }
        return try await journal.read { journal throws(JournalError) in
            var all: Set<Committed> = []
            for run in try journal.runs(RunFilter(), before: Int64?.none, limit: 1000) {
                for step in try journal.steps(of: run.id) where step.state == .done {
                    all.insert(
                        Committed(
                            run: run.id, sequence: step.sequence, attempt: step.attempt, finishedAt: step.finishedAt,
                            result: step.result))
                }
            }
            return all
        }
    }
}
