package import Kernel
import Synchronization

/// Model calls: picks provider and model, bounds and prices what a call costs, and sends it. Budgets, records and
/// retries are the engine's.
package final class Gateway: Sendable {
    let providers: [String: any ModelProvider]
    private let priceBook: PriceBook
    private let settings: GatewaySettings
    private let isClosed = Atomic(false)
    /// Senders whose answers outlive this host; each once, however many providers share it.
    let keepers: [any HTTPSender]
    package let router: Router
    /// Nil: every call is sent.
    package let cache: ResponseCache?

    /// - Precondition: providers have different names.
    package init(providers: [any ModelProvider], priceBook: PriceBook, settings: GatewaySettings) {
        self.providers = Dictionary(uniqueKeysWithValues: providers.map { ($0.name, $0) })
        self.priceBook = priceBook
        var seen = Set<ObjectIdentifier>()
        keepers = providers.compactMap(\.sender).filter {
            $0.keepsAnswers && seen.insert(ObjectIdentifier($0)).inserted
        }
        self.settings = settings
        router = Router(settings.routing, classes: settings.classes, defaultModel: settings.defaultModel)
        cache = settings.cache
    }

    /// Of a call, all its attempts and waits together.
    func timeoutMilliseconds(of request: ModelRequest) -> Int64 {
        let wanted = request.timeoutMilliseconds ?? settings.defaultTimeoutMilliseconds
        return Int64(clamping: min(wanted, settings.largestTimeoutMilliseconds))
    }

    /// Where a call of this model, class or route may go, as `provider/model`.
    package func targets(of name: String) -> [String] {
        let route = router.route(of: name)
        let models = route.targets.map(\.model) + (route.canary.map { [$0.model] } ?? []) + route.fallbacks
        return models.map { model in
            (try? resolve(model)).map { "\($0.provider.name)/\($0.model)" } ?? model
        }
    }

    /// Parses and checks the request, picks provider and model, computes the upper bound. Sends nothing.
    ///
    /// - Parameters:
    ///   - attempt: `run/sequence/attempt`.
    ///   - repair: what is added to the conversation after an answer that could not be used.
    /// - Throws: `.invalid` with the JSON pointer of what is wrong, `.unsupported` for options that this host or the
    ///   provider does not know, `.notFound` for a provider or model, `.denied` for a model without a price,
    ///   `.budget` for a call that would pass its own `maximumCost`, `.tooLarge`.
    package func prepare(
        _ request: ModelRequest, attempt: String, at instant: Instant, repair: [ChatMessage] = []
    ) throws(Failure) -> PreparedCall {
        let bytes = request.messages.count + request.options.count
        guard bytes <= settings.maximumRequestBytes else {
            throw Failure(.tooLarge, "\(bytes) bytes of messages; the limit is \(settings.maximumRequestBytes)")
        }
        let (provider, model) = try resolve(request.model)
        let messages = try RequestDecoding.messages(request.messages, maximumCount: settings.maximumMessages) + repair
        let options = try RequestDecoding.options(request.options)
        if let refusal = provider.refusal(of: options) {
            throw Failure(.unsupported, "\(provider.name): \(refusal)")
        }
        let (price, prices) = try price(of: model, provider: provider, at: instant)
        let policyLimit = min(
            settings.largestMaximumOutputTokens, Int(clamping: price?.maximumOutputTokens ?? .max))
        let wanted = request.maximumOutputTokens.map { Int(clamping: $0) } ?? settings.defaultMaximumOutputTokens
        let timeout = request.timeoutMilliseconds ?? settings.defaultTimeoutMilliseconds
        var call = ModelCall(
            model: model, messages: messages, options: options,
            maximumOutputTokens: max(1, min(wanted, policyLimit)),
            timeoutMilliseconds: min(timeout, settings.largestTimeoutMilliseconds), attempt: attempt)
        call.preparedAt = instant
        let prepared = PreparedCall(
            provider: provider, call: call, price: price, prices: prices,
            bound: price.map { bound(of: call, price: $0, at: provider) }, policyLimit: policyLimit,
            preparedAt: instant)
        if let most = request.maximumCost, prepared.upperBound > most {
            throw Self.tooDear(prepared, most: most)
        }
        return prepared
    }

    /// One attempt.
    ///
    /// - Parameter onChunk: gets pieces of text as they come, on any thread; must not block.
    package func perform(
        _ call: PreparedCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        guard !isClosed.load(ordering: .acquiring) else {
            throw ProviderError(.cancelled, "the gateway is closed", wasSent: false, isRetryable: false)
        }
        return try await call.provider.send(call.call, onChunk: onChunk)
    }

    /// The exact cost of what was used, by the way and the place of processing that the answer names. Usage that the
    /// provider did not report is charged at the upper bound.
    package func cost(of answer: ModelAnswer, for call: PreparedCall) -> Nanodollars {
        let terms = ChargeTerms(
            service: answer.service ?? call.provider.service, at: call.preparedAt, webSearches: answer.webSearches,
            factor: answer.region.map(PriceFactor.regional) ?? call.provider.surcharge)
        return cost(of: answer.usage, terms: terms, for: call)
    }

    /// What a failed attempt is charged: nothing when it never left this host, what the provider reported, or else
    /// the upper bound, because it may be billed.
    package func cost(of error: ProviderError, for call: PreparedCall) -> Nanodollars {
        if let answer = error.brokenAnswer { return cost(of: answer, for: call) }
        let terms = ChargeTerms(
            service: call.provider.service, at: call.preparedAt, factor: call.provider.surcharge)
        return error.wasSent ? cost(of: error.usage ?? TokenUsage(), terms: terms, for: call) : .zero
    }

    /// In order of provider, then as the operator's file has them.
    package var keyStatus: [KeyStatus] { providers.sorted { $0.key < $1.key }.flatMap(\.value.keyStatus) }

    /// Nil: no call leaves this host.
    package var sendingPlace: EgressPlace? {
        if !keepers.isEmpty { return .process }
        return providers.values.contains { $0.sender != nil } ? .inProcess : nil
    }

    /// Ends calls that are under way.
    package func close() {
        isClosed.store(true, ordering: .releasing)
        for provider in providers.values { provider.close() }
    }

    private func cost(of usage: TokenUsage, terms: ChargeTerms, for call: PreparedCall) -> Nanodollars {
        guard let price = call.price else { return .zero }
        return price.cost(of: usage, terms: terms) ?? call.upperBound
    }

    private func resolve(_ name: String) throws(Failure) -> (provider: any ModelProvider, model: String) {
        let wanted = name.isEmpty ? settings.defaultModel ?? name : name
        let name = settings.classes[wanted] ?? wanted
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (providerName, model) =
            if parts.count == 2, providers[parts[0]] != nil {
                (parts[0], parts[1])
            } else {
                (settings.defaultProvider, name)
            }
        guard let provider = providers[providerName] else {
            throw Failure(.notFound, "no model provider \"\(providerName)\"; there are: \(providerNames)")
        }
        guard let resolved = provider.resolve(model: model) else {
            throw Failure(
                .notFound,
                "no model or class \"\(name)\" at \(provider.name); models are named provider/model, "
                    + "with these providers: \(providerNames)")
        }
        return (provider, resolved)
    }

    private var providerNames: String { providers.keys.sorted().joined(separator: ", ") }

    func price(
        of model: String, provider: any ModelProvider, at instant: Instant
    ) throws(Failure) -> (price: ModelPrice?, basis: PriceBasis) {
        guard !provider.isDeterministic else { return (nil, .free) }
        switch settings.pricing[provider.name] ?? .book(provider: provider.name) {
        case .free: return (nil, .free)
        case .book(let name, let models):
            let listed = models[model] ?? model
            if let price = priceBook.price(provider: name, model: listed, at: instant) {
                return (price, .book(priceBook.digest))
            }
            if case .assume(let assumed) = settings.unknownModels {
                return (assumed.price(provider: name, model: listed), .assumed(assumed))
            }
            throw Failure(
                .denied,
                "\(provider.name)/\(model) is unpriced: give it a price, declare the provider free, or let "
                    + "/unknown_models of the gateway file assume one")
        }
    }

    private func bound(of call: ModelCall, price: ModelPrice, at provider: any ModelProvider) -> CallBound {
        CallBound(
            price: price, size: provider.size(of: call), maximumOutputTokens: Int64(call.maximumOutputTokens),
            service: provider.service, framing: settings.framing, factor: provider.surcharge)
    }

    private static func tooDear(_ call: PreparedCall, most: Nanodollars) -> Failure {
        let way =
            call.largestOutputThatFits(available: most).map { "with max_output_tokens up to \($0) it would fit" }
            ?? "no output limit would make it fit"
        return Failure(.budget, "the call may cost \(call.upperBound), its limit is \(most); \(way)")
    }
}
