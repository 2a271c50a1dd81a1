package import Kernel
import Foundation

/// What the checks look at: a store, its history, and what the world outside saw.
package struct Evidence {
    package let store: StoreFile
    package let history: [Leaf]
    /// Runs whose admission a client saw acknowledged.
    package var acknowledged: [String] = []
    /// In the order in which the provider received them.
    package var calls: [OutsideCall] = []
    /// In the order in which consumers were given them.
    package var deliveries: [Delivery] = []
    package var triggers: [TriggerExpectation] = []
    package var fires: [StoredFire] = []
    /// Of departments that have one.
    package var concurrency: [String: Int] = [:]
    /// Runs whose plugin kills its process whenever it runs.
    package var poisonous: Set<String> = []
    /// Ends of the host that nobody outside caused.
    package var unexplainedDeaths: [String] = []
    package var samples: [ResourceSample] = []
    package var bounds = ResourceBounds()
    /// The faults have stopped, and the host had its time.
    package var isHealed = false

    package init(store path: String, writes: Bool = false) throws {
        store = try StoreFile(path, writes: writes)
        history = try store.rows("SELECT idx, bytes FROM audit_leaf ORDER BY idx").map { row in
            guard case .blob(let bytes) = row[1] else { throw StoreFile.Problem(description: "a leaf without bytes") }
            return Leaf(index: row[0].number, content: try JSONParser.parse(bytes))
        }
    }

    /// Of all calls that were sent, those whose answer nobody can know: what a report lists.
    package func ambiguousAttempts() throws -> [String] {
        try store.rows("SELECT attempt FROM reservation WHERE state = \(HoldState.ambiguous) ORDER BY attempt")
            .map { $0[0].text }
    }
}

/// A line of the store's history, in order of commits.
package struct Leaf {
    package var index: Int64
    package var content: JSONValue

    package var type: String { content["type"]?.stringValue ?? "?" }
    package var run: String { content["run"]?.stringValue ?? "" }
    package var step: Int64? { content["step"]?.integerValue }
    package var fence: Int64? { changing("fence")?.integerValue }
    package var state: String { changing("state")?.stringValue ?? "" }
    package var time: String { content["ts"]?.stringValue ?? "" }
    /// What can change of a run stands in a member of its own.
    package func changing(_ name: String) -> JSONValue? { content["now"]?[name] ?? content[name] }
    package var isOfRun: Bool { type.hasPrefix("run.") }
    package var isOfStep: Bool { type.hasPrefix("step.") }
    package var endsRun: Bool { isOfRun && ["done", "failed", "cancelled", "dead"].contains(state) }
}

/// A request that the provider received.
package struct OutsideCall: Hashable, Sendable {
    package enum Moment: Hashable, Sendable {
        case unixMilliseconds(Int64)
        /// How long the history was.
        case leaves(Int64)
    }

    /// `run/sequence/attempt`, as the provider was told.
    package var attempt: String
    package var moment: Moment

    package init(attempt: String, moment: Moment) {
        self.attempt = attempt
        self.moment = moment
    }

    package var step: String { attempt.split(separator: "/").prefix(2).joined(separator: "/") }
}

package struct Delivery: Hashable, Sendable {
    package var group: String
    package var position: Int64
    /// From 1 on; what comes again may come out of order.
    package var deliveries: Int
    /// The group was set back before this: its order begins anew.
    package var begins: Bool

    package init(group: String, position: Int64, deliveries: Int, begins: Bool = false) {
        self.group = group
        self.position = position
        self.deliveries = deliveries
        self.begins = begins
    }
}

/// One run for each event of a topic and task after a position.
package struct TriggerExpectation: Hashable, Sendable {
    package var group: String
    package var topic: String
    package var task: String
    package var after: Int64

    package init(group: String, topic: String, task: String, after: Int64) {
        self.group = group
        self.topic = topic
        self.task = task
        self.after = after
    }
}

package struct StoredFire: Hashable, Sendable {
    package var schedule: String
    package var nominal: Int64

    package init(schedule: String, nominal: Int64) {
        self.schedule = schedule
        self.nominal = nominal
    }
}

package struct ResourceSample: Hashable, Sendable {
    package var memoryBytes: Int64
    package var storeBytes: Int64
    package var logBytes: Int64
    package var spoolBytes: Int64
    /// Runs in the store by then: its size may grow with them.
    package var runs: Int64

    package init(memoryBytes: Int64, storeBytes: Int64, logBytes: Int64, spoolBytes: Int64, runs: Int64) {
        self.memoryBytes = memoryBytes
        self.storeBytes = storeBytes
        self.logBytes = logBytes
        self.spoolBytes = spoolBytes
        self.runs = runs
    }
}

package struct ResourceBounds: Hashable, Sendable {
    package var memoryBytes: Int64 = 512 << 20
    /// The writer folds the log back once it passes 64 MB and nothing waits; one more group may come.
    package var logBytes: Int64 = 96 << 20
    package var spoolBytes: Int64 = 64 << 20
    package var storeBytesPerRun: Int64 = 256 << 10
    package var storeBytesAlways: Int64 = 16 << 20

    package init() {}
}

/// `reservation.state`, spelled out here so that the checks stand on the file alone.
package enum HoldState {
    package static let open = 0, settled = 1, released = 2, ambiguous = 3
}
