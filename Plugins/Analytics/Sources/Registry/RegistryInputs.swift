import PluginKit

private let namePattern = "^[a-z0-9][a-z0-9._-]{0,63}$"

struct RegisterInput: Codable, Sendable, SchemaDescribing {
    var name: String
    var model: ModelDocument
    /// Measured on rows that it did not learn from.
    var metrics: [String: Double]?
    var experiment: String?
    var parent: Int?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The model's name.", pattern: namePattern)
        schema.property("metrics", "Measured on rows that it did not learn from.")
        schema.property("experiment", "The experiment it came from.", pattern: namePattern)
        schema.property("parent", "The version it was trained to replace.", minimum: 1)
    }
}

struct PromoteInput: Codable, Sendable, SchemaDescribing {
    var name: String
    var version: Int
    var stage: ModelRecord.Stage
    var reason: String?
    /// Refuses a promotion to production where this metric is not better than that of the version there.
    var guardMetric: String?
    var higherIsBetter: Bool?

    enum CodingKeys: String, CodingKey {
        case name, version, stage, reason
        case guardMetric = "guard_metric"
        case higherIsBetter = "higher_is_better"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The model's name.", pattern: namePattern)
        schema.property("version", "Which.", minimum: 1)
        schema.property("reason", "For the history.", maxLength: 2_000)
        schema.property("guard_metric", "Must be better than that of the version in production.")
        schema.property("higher_is_better", "Of that metric. Default false.")
    }
}

struct RollbackInput: Codable, Sendable, SchemaDescribing {
    var name: String
    var reason: String

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The model's name.", pattern: namePattern)
        schema.property("reason", "For the history.", minLength: 1, maxLength: 2_000)
    }
}

struct ModelNameInput: Codable, Sendable, SchemaDescribing {
    var name: String

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The model's name.", pattern: namePattern)
    }
}

struct ObserveInput: Codable, Sendable, SchemaDescribing {
    var name: String
    var version: Int?
    var metric: String
    var value: Double
    var higherIsBetter: Bool?
    /// Growth of an error, or loss of a score, that is borne.
    var tolerance: Double?

    enum CodingKeys: String, CodingKey {
        case name, version, metric, value, tolerance
        case higherIsBetter = "higher_is_better"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The model's name.", pattern: namePattern)
        schema.property("version", "That in production if absent.", minimum: 1)
        schema.property("metric", "As named at registration.", minLength: 1, maxLength: 64)
        schema.property("tolerance", "Worsening that is borne, as a share. Default 0.2.", minimum: 0, maximum: 100)
    }
}

struct ObserveOutput: Codable, Sendable {
    var version: Int
    var registered: Double?
    /// The mean of the last ten.
    var recentMean: Double
    var worsening: Double?
    var shouldRetrain: Bool

    enum CodingKeys: String, CodingKey {
        case version, registered, worsening
        case recentMean = "recent_mean"
        case shouldRetrain = "should_retrain"
    }
}

/// MLflow's `/invocations` form, with the model's name.
struct InvokeInput: Codable, Sendable, SchemaDescribing {
    struct Frame: Codable, Sendable {
        var columns: [String]
        var data: [[Double]]
    }

    var name: String
    var version: Int?
    var dataframeSplit: Frame

    enum CodingKeys: String, CodingKey {
        case name, version
        case dataframeSplit = "dataframe_split"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The model's name.", pattern: namePattern)
        schema.property("version", "That in production if absent.", minimum: 1)
        schema.property("dataframe_split", "Columns by name, in any order, and rows.")
    }
}

struct InvokeOutput: Codable, Sendable {
    /// Numbers or classes.
    var predictions: [JSONValue]
    var version: Int
    var digest: String
}

struct ExperimentInput: Codable, Sendable, SchemaDescribing {
    var experiment: String
    var parameters: [String: String]?
    var metrics: [String: Double]
    var fingerprint: String?
    var note: String?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("experiment", "Its name.", pattern: namePattern)
        schema.property("parameters", "What was tried.")
        schema.property("metrics", "What came out.")
        schema.property("fingerprint", "Of the data, as train gives it.", maxLength: 100)
        schema.property("note", "For people.", maxLength: 2_000)
    }
}

struct ExperimentNameInput: Codable, Sendable, SchemaDescribing {
    var experiment: String
    /// Sorts by this metric.
    var metric: String?
    var higherIsBetter: Bool?

    enum CodingKeys: String, CodingKey {
        case experiment, metric
        case higherIsBetter = "higher_is_better"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("experiment", "Its name.", pattern: namePattern)
        schema.property("metric", "Sorts by it, the best first.")
        schema.property("higher_is_better", "Of that metric. Default false.")
    }
}
