import Gateway
package import Kernel

/// What may be asked for by its name, like a model.
package struct OfferedModel: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// One model at one provider.
        case model
        /// Stands for a model or a route.
        case `class`
        /// Several targets under one name.
        case route
    }

    /// Who owns what the operator has put together.
    package static let hostName = "bureau"

    /// As in a request: `provider/model`, or a class or route of the operator's.
    package var name: String
    package var kind: Kind
    /// The provider, or this host where there may be several.
    package var owner: String
}

extension HostRuntime {
    /// What the gateway knows now: routes, circuits, pauses, limits and the cache.
    package var modelStatus: JSONValue { core.gateway.status }

    /// What may be asked for: the operator's routes and classes, each provider's default, and what the price book
    /// prices at a provider. A server of one's own may know more models than its default; they can be asked for by
    /// name.
    package func offeredModels() async throws(EngineError) -> [OfferedModel] {
        let settings = core.settings
        let book = try await Self.prices(store, over: settings.priceBook)
        let now = core.clock()
        var offered: [String: OfferedModel] = [:]
        func offer(_ name: String, _ kind: OfferedModel.Kind = .model, of owner: String) {
            guard offered[name] == nil else { return }
            offered[name] = OfferedModel(name: name, kind: kind, owner: owner)
        }
        let routes = settings.gateway.routing.routes
        for (name, model) in settings.gateway.classes {
            let provider = model.split(separator: "/").first.map(String.init) ?? settings.gateway.defaultProvider
            offer(name, .class, of: routes[model] == nil ? provider : OfferedModel.hostName)
        }
        for name in routes.keys { offer(name, .route, of: OfferedModel.hostName) }
        for provider in settings.providers {
            if let model = provider.resolve(model: "") { offer("\(provider.name)/\(model)", of: provider.name) }
            guard !provider.isDeterministic,
                case .book(let priced, let aliases) =
                    settings.gateway.pricing[provider.name] ?? .book(provider: provider.name)
            else { continue }
            for price in book.all where price.provider == priced && price.holds(at: now) {
                offer("\(provider.name)/\(price.model)", of: provider.name)
            }
            for alias in aliases.keys { offer("\(provider.name)/\(alias)", of: provider.name) }
        }
        return offered.values.sorted { $0.name < $1.name }
    }
}
