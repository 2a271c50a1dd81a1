import FaultDrills
import Foundation
import TestSupport
import Testing

/// What continuous integration has time for; `scripts/soak` goes on for as long as one likes.
@Suite("The fault drills", .serialized)
struct DrillTests {
    @Test("a million events leave the rules and their reference models equal")
    func model() {
        var drill = ModelDrill(seed: TestSeed.next())
        let summary = drill.run(events: 1_000_000)
        #expect(summary.differences.isEmpty, "\(summary.differences.joined(separator: "\n"))")
        #expect(summary.events >= 1_000_000)
    }

    @Test("2,000 seeds of deaths, lost acknowledgements, repeats, late writers and clock steps break no invariant")
    func simulation() async throws {
        let seed = TestSeed.next()
        let simulation = try await Simulation()
        let summary = try await simulation.run(seeds: 2_000, from: seed)
        #expect(summary.violations.isEmpty, "\(summary.violations.prefix(5).joined(separator: "\n"))")
        #expect(summary.seeds == 2_000 && summary.faults > 5_000)
        // It can do all that the invariants speak of.
        #expect(summary.ambiguous > 200)
    }

    @Test("a seed is the whole truth about its world")
    func seed() async throws {
        let simulation = try await Simulation()
        for seed in UInt64(1)...5 {
            let first = try await simulation.root(seed: seed)
            #expect(first != nil)
            #expect(try await simulation.root(seed: seed) == first, "seed \(seed)")
        }
    }

    @Test("5,000 images of power cuts open, are sound, and have every acknowledged commit")
    func images() async throws {
        let seed = TestSeed.next()
        let images = try await CrashImages()
        var summary = CrashImages.Summary()
        while summary.images < 5_000 { summary.add(try await images.run(seed: seed &+ UInt64(summary.workloads))) }
        #expect(summary.violations.isEmpty, "\(summary.violations.prefix(5).joined(separator: "\n"))")
        #expect(summary.reopened > 300)
    }

    @Test(
        "a medium that does not sync each commit loses acknowledged ones, and the images show it",
        arguments: [CrashImages.Medium.syncsAtCheckpoints, .neverSyncs])
    func careless(medium: CrashImages.Medium) async throws {
        let summary = try await CrashImages(medium: medium).run(seed: 1)
        #expect(summary.violations.contains { $0.contains("the acknowledged commit") }, "\(summary.violations)")
    }

    @Test("150 kills of the shipped host lose nothing and pay nothing twice in silence")
    func kills() async throws {
        let seed = TestSeed.next()
        let loop = try await KillLoop(seed: seed)
        let summary = try await loop.run { $0 >= 150 }
        #expect(summary.violations.isEmpty, "\(summary.violations.joined(separator: "\n"))")
        #expect(summary.kills >= 150 && summary.namedKills > 20, "\(summary.namedKills)")
        #expect(summary.submitted > 300 && summary.calls > 200)
    }
}
