/// What may be asked of a model beside its messages. A host refuses what its provider cannot do with
/// ``FailureStatus/unsupported``.
public struct ModelOptions: Codable, Hashable, Sendable {
    /// Thousandths: 700 is a temperature of 0.7.
    public var temperatureMilli: Int?
    public var stop: [String]?
    /// A wish: providers without seeds do not get it.
    public var seed: Int?
    public var tools: [ModelTool]?
    public var toolChoice: ToolChoice?
    /// A JSON Schema that the answer must meet.
    public var responseSchema: JSONValue?
    /// How many times the model is told what is wrong with its answer and asked again, 0 to 2; nil is 1. Each is paid.
    public var repairs: Int?

    public init(
        temperatureMilli: Int? = nil, stop: [String]? = nil, seed: Int? = nil, tools: [ModelTool]? = nil,
        toolChoice: ToolChoice? = nil, responseSchema: JSONValue? = nil, repairs: Int? = nil
    ) {
        self.temperatureMilli = temperatureMilli
        self.stop = stop
        self.seed = seed
        self.tools = tools
        self.toolChoice = toolChoice
        self.responseSchema = responseSchema
        self.repairs = repairs
    }

    /// The schema of a Codable type, for ``responseSchema``.
    public static func schema<T: Decodable>(of type: T.Type) throws(TaskFailure) -> JSONValue {
        try SchemaDeriver.schema(of: type)
    }

    enum CodingKeys: String, CodingKey {
        case temperatureMilli = "temperature_milli"
        case stop, seed, tools, repairs
        case toolChoice = "tool_choice"
        case responseSchema = "response_schema"
    }
}

/// What a model may ask to have done.
public struct ModelTool: Codable, Hashable, Sendable {
    /// 1 to 64 letters, digits, `_` and `-`.
    public var name: String
    /// When to use it, in words.
    public var description: String
    /// A JSON Schema of its arguments.
    public var parameters: JSONValue

    public init(name: String, description: String, parameters: JSONValue) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}

/// Whether a model must use tools.
public enum ToolChoice: Codable, Hashable, Sendable {
    case auto
    case none
    /// Any of them, at least one.
    case required
    case tool(String)

    private enum CodingKeys: String, CodingKey { case tool }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .auto: try container.encode("auto")
        case .none: try container.encode("none")
        case .required: try container.encode("required")
        case .tool(let name): try container.encode(["tool": name])
        }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self) {
            self = .tool(try container.decode(String.self, forKey: .tool))
            return
        }
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case "auto": self = .auto
        case "none": self = .none
        case "required": self = .required
        case let word:
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(word) is no tool choice")
        }
    }
}
