package import Kernel

/// What became of an attempt of an earlier host, as far as its sender kept it.
package enum KeptCall: Sendable {
    /// It certainly never left.
    case unsent
    case unknown
    /// This host is ending; it is still kept for the next one.
    case detached
    case ended(PreparedCall, Result<ModelAnswer, ProviderError>)
}

/// What stands beside a kept answer, so that who does not know the request can read and price it.
struct CallLabel: Hashable {
    var provider: String
    var model: String
    var maximumOutputTokens: Int
    var preparedAt: Instant

    init(provider: String, _ call: ModelCall) {
        self.provider = provider
        model = call.model
        maximumOutputTokens = call.maximumOutputTokens
        preparedAt = call.preparedAt
    }

    init?(_ text: String) {
        guard let object = try? JSONParser.parse(Array(text.utf8)), let provider = object["provider"]?.stringValue,
            let model = object["model"]?.stringValue, let tokens = object["maximum_output_tokens"]?.integerValue,
            let preparedAt = object["prepared_at"]?.integerValue
        else { return nil }
        self.provider = provider
        self.model = model
        maximumOutputTokens = Int(clamping: tokens)
        self.preparedAt = Instant(unixMilliseconds: preparedAt)
    }

    var text: String {
        JSONValue.object([
            "provider": .string(provider), "model": .string(model),
            "maximum_output_tokens": .integer(Int64(maximumOutputTokens)),
            "prepared_at": .integer(preparedAt.unixMilliseconds),
        ]).serialized()
    }
}

extension Gateway {
    /// The attempts of which something is kept.
    package func keptAttempts() async -> Set<String> {
        var attempts = Set<String>()
        for keeper in keepers { attempts.formUnion(await keeper.keptAttempts()) }
        return attempts
    }

    /// What an earlier host's attempt came to. Waits for the end of one that is still under way.
    ///
    /// - Parameters:
    ///   - hold: what was held for it.
    ///   - begun: not after it was sent.
    ///   - options: of its request (JSON), by which its answer is judged.
    package func keptCall(_ hold: Reservation, begun: Instant, options: [UInt8] = []) async -> KeptCall {
        for keeper in keepers {
            guard let kept = await keeper.keptAnswer(of: hold.attempt) else { continue }
            if kept.end.outcome == .detached { return .detached }
            if !kept.end.wasSent { return .unsent }
            return read(kept, hold, options)
        }
        return !keepers.isEmpty && keepers.allSatisfy { $0.knowsEveryAttempt(since: begun) } ? .unsent : .unknown
    }

    /// What the operator took away meanwhile, a provider or a price, makes the answer unreadable.
    private func read(_ kept: KeptAnswer, _ hold: Reservation, _ options: [UInt8]) -> KeptCall {
        guard let label = CallLabel(kept.label), let provider = providers[label.provider] else { return .unknown }
        let (price, prices): (ModelPrice?, PriceBasis)
        do {
            (price, prices) = try self.price(of: label.model, provider: provider, at: label.preparedAt)
        } catch {
            return .unknown
        }
        var call = ModelCall(
            model: label.model, messages: [], options: (try? RequestDecoding.options(options)) ?? ModelOptions(),
            maximumOutputTokens: label.maximumOutputTokens, timeoutMilliseconds: 0, attempt: hold.attempt)
        call.preparedAt = label.preparedAt
        let prepared = PreparedCall(
            provider: provider, call: call, price: price, prices: prices, bound: nil,
            policyLimit: label.maximumOutputTokens, preparedAt: label.preparedAt, upperBound: hold.amount)
        do {
            return .ended(prepared, .success(try provider.read(kept, to: call)))
        } catch {
            return .ended(prepared, .failure(error))
        }
    }

    /// What became of the attempt is committed.
    package func forget(_ attempt: String) {
        for keeper in keepers { keeper.forget(attempt) }
    }

    /// Where answers are kept, calls that are under way go on without this host, which hears no more of them.
    package func detach() {
        for keeper in keepers { keeper.detach() }
    }
}
