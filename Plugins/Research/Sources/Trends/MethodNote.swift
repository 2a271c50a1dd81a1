package import PluginKit

/// What a figure rests on: enough to compute it again by hand.
package struct MethodNote: Codable, Hashable, Sendable, SchemaDescribing {
    package var method: String
    package var source: String
    package var inputs: [String]
    package var assumptions: [String]
    package var uncertainty: String

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("method", "Name of the method.")
        schema.property("source", "Paper, standard or textbook that defines it.")
        schema.property("inputs", "What was used, and how much of it.")
        schema.property("assumptions", "What is taken for granted.")
        schema.property("uncertainty", "How far the figure may be off, and why.")
    }
}
