import Kernel
import TestSupport

/// The pure rules against reference models that were written apart from them: short, slow, and obvious. Legal and
/// illegal events in every order, all from one seed.
package struct ModelDrill {
    package struct Summary: Sendable {
        package var events = 0
        package var differences: [String] = []

        package init() {}
    }

    private static let maximumDifferences = 10

    private var random: SplitMix64
    private let seed: UInt64
    private var summary = Summary()

    package init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
    }

    /// At least so many events, over all models.
    package mutating func run(events: Int) -> Summary {
        while summary.events < events, summary.differences.count < Self.maximumDifferences {
            let world = random.next()
            play("run states", RunStateModel(), world, 400)
            play("replay", ReplayModel(seed: world), world, 60)
            play("claims", ClaimModel(seed: world), world, 200)
            play("schedule", ScheduleModel(seed: world), world, 60)
            play("approval", ApprovalModel(seed: world), world, 60)
        }
        return summary
    }

    private mutating func play(_ name: String, _ model: some ComparedModel, _ world: UInt64, _ events: Int) {
        var model = model
        var random = SplitMix64(seed: world)
        for event in 0..<events {
            summary.events += 1
            guard let difference = model.step(using: &random) else { continue }
            summary.differences.append("seed \(seed), world \(world), \(name), event \(event): \(difference)")
            return
        }
    }
}

/// A rule and its reference, side by side.
protocol ComparedModel {
    /// One event to both.
    ///
    /// - Returns: where they differ.
    mutating func step(using random: inout SplitMix64) -> String?
}
