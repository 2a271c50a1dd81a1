/// Who may see what: answers are shared only between calls for which all of it is the same.
package struct CacheScope: Hashable, Sendable {
    package var tenant: String
    /// The class of the call's data. Restricted data is never cached.
    package var clearance: Sensitivity
    /// Changes with the text that asks: the digest of a plugin's file, or a prompt's own version.
    package var promptVersion: String

    package init(tenant: String, clearance: Sensitivity = .internal, promptVersion: String) {
        self.tenant = tenant
        self.clearance = clearance
        self.promptVersion = promptVersion
    }
}

/// Which calls are answered from earlier answers.
package struct CacheRule: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Only calls that ask for the same answer each time: with temperature 0, or with a seed.
        case deterministic
        case always
        case off
    }

    package var mode: Mode
    package var secondsToLive: Int64
    package var maximumBytes: Int64
    /// Of one answer.
    package var maximumEntryBytes: Int64

    package init(
        mode: Mode = .deterministic, secondsToLive: Int64 = 86_400, maximumBytes: Int64 = 1 << 30,
        maximumEntryBytes: Int64 = 4 << 20
    ) {
        self.mode = mode
        self.secondsToLive = secondsToLive
        self.maximumBytes = maximumBytes
        self.maximumEntryBytes = maximumEntryBytes
    }

    /// Nil: the call is not to be cached, or is not the JSON that it must be.
    ///
    /// - Parameters:
    ///   - model: `provider/model` as it was resolved.
    ///   - maximumOutputTokens: as it is sent, also when the host put it in.
    package func key(
        _ request: ModelRequest, model: String, maximumOutputTokens: Int, in scope: CacheScope
    ) -> Digest? {
        guard mode != .off, scope.clearance.controls.isCached else { return nil }
        guard let messages = try? JSONParser.parse(request.messages) else { return nil }
        var options = JSONValue.object([:])
        if !request.options.isEmpty {
            guard let parsed = try? JSONParser.parse(request.options), parsed.objectValue != nil else { return nil }
            options = parsed
        }
        let repeats = options["temperature_milli"] == 0 || options["seed"]?.integerValue != nil
        guard mode == .always || repeats else { return nil }
        let whole: JSONValue = [
            "format": "bureau/cache/1", "tenant": .string(scope.tenant),
            "clearance": .string(scope.clearance.rawValue), "prompt_version": .string(scope.promptVersion),
            "model": .string(model), "maximum_output_tokens": .integer(Int64(maximumOutputTokens)),
            "messages": messages, "options": options,
        ]
        return Digest.sha256(whole.bytes)
    }
}
