package import Kernel

/// `/routes` of `gateway.json`:
///
///     "routes": {
///       "careful": {
///         "targets": [{"model": "claude/claude-opus-5-5", "weight": 3}, {"model": "azure/gpt-6", "weight": 1}],
///         "canary": {"model": "claude/claude-fable-5-1", "percent": 10},
///         "fallbacks": ["openai/gpt-6.1-sol"],
///         "fall_over_on": ["capacity", "rate_limit", "server_error", "timeout"],
///         "attempts": 2, "attempt_seconds": 60, "hedge_after_milliseconds": 1500
///       }
///     }
package enum RouteEntry {
    static let maximumRoutes = 256
    private static let maximumAttempts: Int64 = 10
    private static let longestSeconds: Int64 = 3600

    /// - Throws: `.invalid`, with the place in the file of which `place` is the start.
    package static func all(_ value: JSONValue?, at place: JSONPointer) throws(Failure) -> [String: Route] {
        guard let value else { return [:] }
        let reader = try MemberReader(value, at: place)
        let readers = try reader.readers()
        guard readers.count <= maximumRoutes else {
            throw MemberReader.wrong(reader.place, "has more than \(maximumRoutes) members")
        }
        var routes: [String: Route] = [:]
        for (name, reader) in readers {
            guard Name.isValid(name) else {
                throw MemberReader.wrong(
                    reader.place, "is no name for a route: lower-case letters, digits, '.', '_' and '-'")
            }
            routes[name] = try route(name, reader)
        }
        return routes
    }

    private static func route(_ name: String, _ reader: MemberReader) throws(Failure) -> Route {
        var reader = reader
        var route = Route(name: name, targets: try targets(&reader))
        route.canary = try canary(&reader)
        route.fallbacks = try models(&reader)
        guard route.targets.count + route.fallbacks.count <= Route.maximumTargets else {
            throw MemberReader.wrong(reader.place, "has more than \(Route.maximumTargets) targets and fallbacks")
        }
        if let classes = try fallOver(&reader) { route.fallsOverOn = classes }
        if let attempts = try reader.integer("attempts", in: 1...maximumAttempts) {
            route.retry.backoff.maximumAttempts = Int(attempts)
        }
        let seconds = try reader.integer("attempt_seconds", in: 1...longestSeconds)
        route.attemptTimeoutMilliseconds = seconds.map { $0 * 1000 }
        route.hedgeAfterMilliseconds = try reader.integer("hedge_after_milliseconds", in: 1...longestSeconds * 1000)
        try reader.finish()
        return route
    }

    private static func targets(_ reader: inout MemberReader) throws(Failure) -> [Route.Target] {
        let place = reader.place.appending("targets")
        guard let elements = reader.value("targets")?.arrayValue, !elements.isEmpty else {
            throw MemberReader.wrong(place, "must be an array of targets, at least one")
        }
        var targets: [Route.Target] = []
        for (index, element) in elements.enumerated() {
            if let model = element.stringValue {
                targets.append(Route.Target(model: try checked(model, place.appending(index))))
                continue
            }
            var reader = try MemberReader(element, at: place.appending(index))
            guard let model = try reader.string("model") else { throw reader.missing("model", "provider/model") }
            let weight = try reader.integer("weight", in: 0...1_000_000) ?? 1
            try reader.finish()
            targets.append(
                Route.Target(model: try checked(model, reader.place.appending("model")), weight: Int(weight)))
        }
        return targets
    }

    private static func canary(_ reader: inout MemberReader) throws(Failure) -> Route.Canary? {
        guard var reader = try reader.reader("canary") else { return nil }
        guard let model = try reader.string("model") else { throw reader.missing("model", "provider/model") }
        guard let percent = try reader.integer("percent", in: 0...100) else {
            throw reader.missing("percent", "the share of runs, from 0 to 100")
        }
        let unit = try reader.choice("by", of: Route.Canary.Unit.allCases.map { ($0.rawValue, $0) })
        try reader.finish()
        return Route.Canary(
            model: try checked(model, reader.place.appending("model")), percent: Int(percent), unit: unit ?? .run)
    }

    private static func models(_ reader: inout MemberReader) throws(Failure) -> [String] {
        guard let value = reader.value("fallbacks") else { return [] }
        let place = reader.place.appending("fallbacks")
        guard let elements = value.arrayValue else { throw MemberReader.wrong(place, "must be an array of models") }
        var models: [String] = []
        for (index, element) in elements.enumerated() {
            guard let model = element.stringValue else {
                throw MemberReader.wrong(place.appending(index), "must be provider/model")
            }
            models.append(try checked(model, place.appending(index)))
        }
        return models
    }

    private static func fallOver(_ reader: inout MemberReader) throws(Failure) -> Set<CallFailure>? {
        guard let value = reader.value("fall_over_on") else { return nil }
        let place = reader.place.appending("fall_over_on")
        let names = CallFailure.fallOver.map(\.rawValue).joined(separator: ", ")
        guard let elements = value.arrayValue else { throw MemberReader.wrong(place, "must be an array of \(names)") }
        var classes: Set<CallFailure> = []
        for (index, element) in elements.enumerated() {
            guard let failure = element.stringValue.flatMap(CallFailure.init(rawValue:)),
                CallFailure.fallOver.contains(failure)
            else { throw MemberReader.wrong(place.appending(index), "must be one of \(names)") }
            classes.insert(failure)
        }
        return classes
    }

    private static func checked(_ model: String, _ place: JSONPointer) throws(Failure) -> String {
        let parts = model.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, Name.isValid(String(parts[0])) else {
            throw MemberReader.wrong(place, "must be provider/model")
        }
        return model
    }
}
