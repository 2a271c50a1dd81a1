import FaultDrills
import Foundation
import TestSupport

/// The fault suites for as long as one likes.
///
///     bureau-soak [model|simulation|images|kills]… [--minutes N] [--seed N]
///
/// Without a name, each of them for its share of the time. Ends with 1 when anything was violated.
@main
enum Soak {
    static func main() async throws {
        var names: [String] = []
        var minutes = 60.0
        var seed = UInt64.random(in: 1...1 << 40)
        var words = CommandLine.arguments.dropFirst()
        while let word = words.popFirst() {
            switch word {
            case "--minutes": minutes = words.popFirst().flatMap(Double.init) ?? minutes
            case "--seed": seed = words.popFirst().flatMap(UInt64.init) ?? seed
            case let name where Drill(rawValue: name) != nil: names.append(name)
            default:
                say("usage: bureau-soak [model|simulation|images|kills]… [--minutes N] [--seed N]")
                exit(2)
            }
        }
        let drills = names.isEmpty ? Drill.allCases : names.compactMap(Drill.init)
        say("seed \(seed), \(minutes) minutes")
        var violations = 0
        for drill in drills {
            let end = Date().addingTimeInterval(60 * minutes * drill.share / drills.map(\.share).reduce(0, +))
            do {
                violations += try await drill.run(seed: seed, until: end)
            } catch {
                say("\(drill): \(error)")
                violations += 1
            }
        }
        say(violations == 0 ? "nothing was violated" : "\(violations) violations")
        if violations > 0 { exit(1) }
    }
}

func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

private enum Drill: String, CaseIterable {
    case model, simulation, images, kills

    var share: Double { self == .kills ? 4 : 1 }

    /// - Returns: how many violations there were.
    func run(seed: UInt64, until end: Date) async throws -> Int {
        let violations: [String]
        switch self {
        case .model: violations = compare(seed, end)
        case .simulation: violations = try await simulate(seed, end)
        case .images: violations = try await cutPower(seed, end)
        case .kills: violations = try await kill(seed, end)
        }
        for violation in violations.prefix(20) { say("  \(violation)") }
        return violations.count
    }

    private func compare(_ seed: UInt64, _ end: Date) -> [String] {
        var (events, differences): (Int, [String]) = (0, [])
        var next = seed
        while Date() < end {
            var drill = ModelDrill(seed: next)
            let summary = drill.run(events: 100_000)
            events += summary.events
            differences += summary.differences
            next &+= 1
        }
        say("model: \(events) events")
        return differences
    }

    private func simulate(_ seed: UInt64, _ end: Date) async throws -> [String] {
        let simulation = try await Simulation()
        var summary = Simulation.Summary()
        while Date() < end {
            summary.add(try await simulation.run(seed: seed &+ UInt64(summary.seeds)))
            if summary.seeds % 5_000 == 0 { say("simulation: \(summary.seeds) seeds") }
        }
        say(
            "simulation: \(summary.seeds) seeds, \(summary.commits) commits, \(summary.faults) faults, "
                + "\(summary.ambiguous) ambiguous calls")
        return summary.violations
    }

    private func cutPower(_ seed: UInt64, _ end: Date) async throws -> [String] {
        let images = try await CrashImages()
        var summary = CrashImages.Summary()
        while Date() < end {
            summary.add(try await images.run(seed: seed &+ UInt64(summary.workloads)))
            if summary.workloads % 100 == 0 { say("images: \(summary.images)") }
        }
        say("images: \(summary.images) of \(summary.boundaries) syncs, \(summary.reopened) opened by the journal")
        return summary.violations
    }

    private func kill(_ seed: UInt64, _ end: Date) async throws -> [String] {
        let loop = try await KillLoop(seed: seed, say: { say("kills: \($0)") })
        let summary = try await loop.run { _ in Date() >= end }
        say(
            "kills: \(summary.kills), \(summary.namedKills) of them at named points; \(summary.submitted) programs, "
                + "\(summary.calls) calls, \(summary.ambiguous.count) ambiguous")
        for attempt in summary.ambiguous { say("  ambiguous: \(attempt)") }
        let states = summary.states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        say("  runs: \(states.joined(separator: ", "))")
        say(
            "  at most \(summary.peak.memoryBytes >> 20) MB of memory, store \(summary.peak.storeBytes >> 10) KB, "
                + "log \(summary.peak.logBytes >> 10) KB, spools \(summary.peak.spoolBytes >> 10) KB")
        return summary.violations
    }
}
