package import Kernel
import Placement

/// What became of one reload: which plugin served before, which one was to serve, and where it failed if it did.
package struct ReloadReport: Hashable, Sendable {
    /// In their order; the first that fails ends the reload.
    package enum Step: String, Sendable, CaseIterable {
        /// Seal, hash and check the file, and ask it for its descriptor in a process made for that.
        case inspect
        /// May this plugin follow that one.
        case admit
        /// Start its process.
        case start
        /// Make its agents.
        case create
        case quiesce, save, load, probe
        /// Write the audit leaf. Then routing is switched, which cannot fail.
        case record
    }

    package struct Failure: Error, Hashable, Sendable {
        package var step: Step
        package var reason: String
    }

    package struct Side: Hashable, Sendable {
        package var version: String
        package var digest: Digest

        init(_ descriptor: PluginDescriptor) {
            version = descriptor.version
            digest = descriptor.digest
        }
    }

    package var department: String
    /// The generation that serves now.
    package var generation: Int
    package var from: Side
    /// Nil when the file is not a plugin.
    package var to: Side?
    package var at: Instant
    package var milliseconds: Int64 = 0
    package var agents = 0
    /// What was handed over, of all agents.
    package var stateBytes = 0
    package var failure: Failure?

    /// One line for a log or a terminal.
    package var line: String {
        let target = to.map { "\($0.version) (\($0.digest.hex.prefix(12)))" } ?? "a new file"
        if let failure {
            return "\(department): reload to \(target) failed at \(failure.step.rawValue): \(failure.reason); "
                + "generation \(generation), \(from.version) (\(from.digest.hex.prefix(12))), goes on"
        }
        return "\(department): generation \(generation), \(target), serves after \(milliseconds) ms; "
            + "\(agents) agents, \(stateBytes) bytes of state handed over"
    }
}

extension ReloadReport {
    /// The audit leaf. A reason may quote a plugin, so it is cut.
    var auditLeaf: (type: String, fields: [String: JSONValue]) {
        var fields: [String: JSONValue] = [
            "department": .string(department), "generation": .integer(Int64(generation)),
            "from_version": .string(from.version), "from_digest": .string(from.digest.hex),
        ]
        if let to {
            fields["to_version"] = .string(to.version)
            fields["to_digest"] = .string(to.digest.hex)
        }
        guard let failure else { return ("department.reloaded", fields) }
        fields["step"] = .string(failure.step.rawValue)
        fields["reason"] = .string(String(failure.reason.prefix(1_000)))
        return ("department.reload_failed", fields)
    }
}
