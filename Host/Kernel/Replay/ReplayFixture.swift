/// A recorded run as a document: a regression test for an author's own test suite. The format is described in
/// `PluginAPI/Testing/README.md`; the same recording always gives the same bytes.
///
/// What crosses the boundary (input, results) stands as exact text. What is only read by people (requests) stands as
/// JSON without values under names of secrets; that two requests are the same is decided by their shapes.
package enum ReplayFixture {
    package static let format = "bureau.replay-fixture"
    package static let version: Int64 = 1

    /// - Throws: ``Failure`` `.invalid` for a run whose own end is not known: there is nothing to compare with.
    package static func document(of recording: RunRecording) throws(Failure) -> JSONValue {
        let run = recording.run
        let outcome: JSONValue
        switch recording.ending {
        case .returned(let output): outcome = ["status": "done", "output": output]
        case .failed(let failure): outcome = ["status": "failed", "failure": json(failure)]
        case .returnedUnknown:
            throw Failure(.invalid, "run \(run.id): what its plugin returned was too large to be kept before review")
        case .lost: throw Failure(.invalid, "run \(run.id): its plugin crashed; a unit test would crash too")
        case .cut(let why):
            throw Failure(.invalid, "run \(run.id): \(why); only a run that ended by itself is a fixture")
        }
        let configuration = (try? JSONParser.parse(recording.configuration)) ?? [:]
        return [
            "format": .string(format),
            "version": .integer(version),
            "task": .string(run.task.description),
            "build": run.build.map { .string($0.hex) } ?? .null,
            "run": [
                "id": .string(run.id.description), "attempt": .integer(Int64(max(1, run.attempt))),
                "idempotency_key": .string(run.idempotencyKey ?? run.id.description),
            ],
            "agent": ["name": .string(run.agent), "configuration": Redaction.redacted(configuration)],
            "input": .string(String(decoding: run.input, as: UTF8.self)),
            "steps": .array(recording.steps.filter { $0.key != RunRecording.reviewStep }.map(json)),
            "outcome": outcome,
        ]
    }

    private static func json(_ step: StepRecord) -> JSONValue {
        let request = step.request?.encoded.flatMap { EffectRequest(encoded: $0) }
        var members: [String: JSONValue] = [
            "sequence": .integer(Int64(step.sequence)), "name": .string(step.name),
            "occurrence": .integer(Int64(step.occurrence)), "kind": .string(step.kind.name),
            "shape": .string(step.shape.hex), "status": .string(step.state.name),
            "request": request.map { Redaction.redacted($0.json) } ?? .null,
        ]
        if let failure = step.failure { members["failure"] = json(failure) }
        if let result = step.result { members["result"] = json(result, isHTTP: step.kind == .http) }
        return .object(members)
    }

    private static func json(_ failure: Failure) -> JSONValue {
        ["status": .string(failure.status.name), "message": .string(failure.message)]
    }

    /// Empty parts are left out.
    private static func json(_ result: EffectResult, isHTTP: Bool) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if result.value != 0 { members["value"] = .number(result.value) }
        if let text = String(validating: result.data, as: UTF8.self) {
            if !text.isEmpty { members["data"] = .string(text) }
        } else {
            members["data_hex"] = .string(Hex.encode(result.data))
        }
        if !result.text.isEmpty {
            let headers = isHTTP ? try? JSONParser.parse(result.text) : nil
            members["text"] = .string(headers.map { Redaction.redacted($0).serialized() } ?? result.text)
        }
        if let usage = result.usage { members["usage"] = json(usage) }
        return .object(members)
    }

    private static func json(_ usage: TokenUsage) -> JSONValue {
        let counts: [String: Int64?] = [
            "input": usage.input, "cached_read": usage.cachedRead, "cache_write": usage.cacheWrite,
            "cache_write_one_hour": usage.cacheWriteOneHour, "output": usage.output, "reasoning": usage.reasoning,
            "cost_nanodollars": usage.cost.value,
        ]
        return .object(counts.compactMapValues { $0.map { .integer($0) } })
    }
}

/// Takes values out of a document that stand under a name which says that they are secret.
package enum Redaction {
    package static let mark: JSONValue = "[redacted]"

    /// Compared without case, hyphens and underscores.
    private static let names: Set<String> = [
        "authorization", "proxyauthorization", "cookie", "setcookie", "password", "passphrase", "secret",
        "clientsecret", "apikey", "xapikey", "apitoken", "accesskey", "accesstoken", "refreshtoken", "bearertoken",
        "token", "privatekey", "credential", "credentials",
    ]

    package static func redacted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(
                Dictionary(
                    members.map { key, member in (key, isSecret(key, member) ? mark : redacted(member)) },
                    uniquingKeysWith: { first, _ in first }))
        case .array(let elements): .array(elements.map(redacted))
        default: value
        }
    }

    private static func isSecret(_ key: String, _ value: JSONValue) -> Bool {
        let plain = String(key.lowercased().filter { $0 != "-" && $0 != "_" })
        return value != .null && names.contains(plain)
    }
}
