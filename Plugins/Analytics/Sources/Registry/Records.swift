import PluginKit

/// What is known of one model name, kept in the agent's state under `registry/NAME`.
struct ModelRecord: Codable, Sendable {
    enum Stage: String, Codable, CaseIterable, Sendable {
        case none, staging, production, archived
    }

    struct Version: Codable, Sendable {
        var version: Int
        var stage: Stage
        /// SHA-256 of the model's file.
        var digest: String
        var method: String
        var createdMilliseconds: Int
        /// The run that registered it.
        var run: String
        /// Of the training data.
        var fingerprint: String
        var trainingRows: Int
        var seed: Int
        var experiment: String?
        /// The version it was trained to replace.
        var parent: Int?
        var metrics: [String: Double]
        /// Measured while in use, the newest last.
        var observations: [Observation]

        enum CodingKeys: String, CodingKey {
            case version, stage, digest, method, run, fingerprint, seed, experiment, parent, metrics, observations
            case createdMilliseconds = "created_milliseconds"
            case trainingRows = "training_rows"
        }
    }

    struct Observation: Codable, Sendable {
        var atMilliseconds: Int
        var metric: String
        var value: Double

        enum CodingKeys: String, CodingKey {
            case metric, value
            case atMilliseconds = "at_milliseconds"
        }
    }

    struct Event: Codable, Sendable {
        var atMilliseconds: Int
        var run: String
        var action: String
        var version: Int
        /// What was in production before.
        var replaced: Int?
        var reason: String?

        enum CodingKeys: String, CodingKey {
            case run, action, version, replaced, reason
            case atMilliseconds = "at_milliseconds"
        }
    }

    static let maximumObservations = 500
    static let maximumEvents = 1_000

    var name: String
    var versions: [Version]
    var history: [Event]

    func index(of version: Int) throws(TaskFailure) -> Int {
        guard let index = versions.firstIndex(where: { $0.version == version }) else {
            throw .notFound("/version: \"\(name)\" has no version \(version); it has 1 to \(versions.count)")
        }
        return index
    }

    var production: Version? { versions.first { $0.stage == .production } }

    mutating func move(_ version: Int, to stage: Stage, _ event: Event) throws(TaskFailure) {
        let index = try index(of: version)
        guard versions[index].stage != stage else {
            throw .invalid("version \(version) of \"\(name)\" is in \(stage.rawValue) already")
        }
        var event = event
        if stage == .production, let current = versions.firstIndex(where: { $0.stage == .production }) {
            versions[current].stage = .archived
            event.replaced = versions[current].version
        }
        versions[index].stage = stage
        history.append(event)
        if history.count > Self.maximumEvents { history.removeFirst(history.count - Self.maximumEvents) }
    }

    /// What the version in production replaced when it was promoted last.
    func versionBeforeProduction() throws(TaskFailure) -> Int {
        guard let current = production else { throw .invalid("no version of \"\(name)\" is in production") }
        let promotion = history.last { $0.action == "promote.production" && $0.version == current.version }
        guard let before = promotion?.replaced else {
            throw .invalid(
                "version \(current.version) of \"\(name)\" is the first in production: there is nothing to go back to")
        }
        return before
    }
}

/// Runs of one experiment, under `experiment/NAME`.
struct ExperimentRecord: Codable, Sendable {
    struct Trial: Codable, Sendable {
        var number: Int
        var run: String
        var atMilliseconds: Int
        var parameters: [String: String]
        var metrics: [String: Double]
        var fingerprint: String?
        var note: String?

        enum CodingKeys: String, CodingKey {
            case number, run, parameters, metrics, fingerprint, note
            case atMilliseconds = "at_milliseconds"
        }
    }

    static let maximumTrials = 2_000

    var name: String
    var trials: [Trial]
}
