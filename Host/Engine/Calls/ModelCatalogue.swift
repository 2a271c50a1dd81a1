import Gateway
import Kernel

/// A model that may be asked for by its name.
package struct OfferedModel: Hashable, Sendable {
    /// As in a request: `provider/model`, or a class of the operator's.
    package var name: String
    package var owner: String
}

extension HostRuntime {
    /// What may be asked for: the operator's classes, each provider's default, and what the price book prices at a
    /// provider. A server of one's own may know more models than its default; they can be asked for by name.
    package func offeredModels() async throws(EngineError) -> [OfferedModel] {
        let settings = core.settings
        let book = try await Self.prices(store, over: settings.priceBook)
        let now = core.clock()
        var offered: [String: String] = [:]
        for (name, model) in settings.gateway.classes {
            offered[name] = model.split(separator: "/").first.map(String.init) ?? settings.gateway.defaultProvider
        }
        for provider in settings.providers {
            if let model = provider.resolve(model: "") { offered["\(provider.name)/\(model)"] = provider.name }
            guard !provider.isDeterministic,
                case .book(let priced, let aliases) =
                    settings.gateway.pricing[provider.name] ?? .book(provider: provider.name)
            else { continue }
            for price in book.all where price.provider == priced && price.holds(at: now) {
                offered["\(provider.name)/\(price.model)"] = provider.name
            }
            for alias in aliases.keys { offered["\(provider.name)/\(alias)"] = provider.name }
        }
        return offered.map { OfferedModel(name: $0.key, owner: $0.value) }.sorted { $0.name < $1.name }
    }
}
