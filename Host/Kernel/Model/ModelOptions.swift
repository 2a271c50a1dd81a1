/// What is asked of a model beside its messages.
package struct ModelOptions: Hashable, Sendable {
    package static let largestRepairs = 2

    package var temperatureMilli: Int?
    package var stop: [String]
    package var seed: Int64?
    package var tools: [ToolDefinition]
    package var toolChoice: ToolChoice
    /// Whether one answer may call several tools, or one several times.
    package var allowsParallelCalls: Bool
    /// What the answer's text, as JSON, must fit.
    package var responseSchema: JSONSchema?
    /// How many times a model is told what is wrong with its answer and asked again. Each is a call of its own, with
    /// its own price.
    package var repairs: Int

    package init(
        temperatureMilli: Int? = nil, stop: [String] = [], seed: Int64? = nil, tools: [ToolDefinition] = [],
        toolChoice: ToolChoice = .auto, allowsParallelCalls: Bool = true, responseSchema: JSONSchema? = nil,
        repairs: Int = 1
    ) {
        self.temperatureMilli = temperatureMilli
        self.stop = stop
        self.seed = seed
        self.tools = tools
        self.toolChoice = toolChoice
        self.allowsParallelCalls = allowsParallelCalls
        self.responseSchema = responseSchema
        self.repairs = repairs
    }
}
