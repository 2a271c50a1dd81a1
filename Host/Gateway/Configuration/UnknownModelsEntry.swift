import Kernel

/// `/unknown_models` of `gateway.json`: what becomes of a call to a model that no price book knows. Without the member
/// it is refused.
///
///     "unknown_models": {"assume": {"input_per_million_usd": "5.00", "output_per_million_usd": "25.00"}}
///
/// Amounts are decimals in strings, exact to a picodollar for a token: six places. What the assumed price is too low
/// for is not noticed by any budget, so it should be the dearest that may be asked for.
enum UnknownModelsEntry {
    /// - Throws: `.invalid`, with the place in the file of which `place` is the start.
    static func policy(_ value: JSONValue?, at place: JSONPointer) throws(Failure) -> UnknownModels {
        guard let value else { return .refuse }
        if let word = value.stringValue {
            guard word == "refuse" else {
                throw MemberReader.wrong(place, "must be \"refuse\" or an object with the member assume")
            }
            return .refuse
        }
        var reader = try MemberReader(value, at: place)
        guard var assumed = try reader.reader("assume") else {
            throw reader.missing("assume", "the price to assume; or write \"refuse\" for unknown_models")
        }
        try reader.finish()
        let input = try rate("input_per_million_usd", &assumed)
        let output = try rate("output_per_million_usd", &assumed)
        try assumed.finish()
        return .assume(AssumedPrice(input: input, output: output))
    }

    private static func rate(_ name: String, _ reader: inout MemberReader) throws(Failure) -> PicodollarsPerToken {
        guard let text = try reader.string(name) else {
            throw reader.missing(name, "dollars for a million tokens, such as \"2.50\"")
        }
        guard let rate = PicodollarsPerToken(dollarsPerMillion: text) else {
            throw MemberReader.wrong(
                reader.place.appending(name),
                "must be dollars for a million tokens, as a decimal with at most six places in a string: \"2.50\"")
        }
        return rate
    }
}
