import Gateway
import Kernel

/// One call of a model by a provider at an address, with a price for it.
struct ProxiedCall {
    /// In nanodollars a token.
    static let inputPrice: Int64 = 1_000, cachedPrice: Int64 = 100, outputPrice: Int64 = 2_000

    let gateway: Gateway
    let call: PreparedCall

    init(
        _ model: String, api: ProviderSettings.API, baseURL: String, key: String? = nil, options: JSONValue = [:]
    ) throws {
        let credential: ProviderCredential =
            key.map { key in .keys([ProviderKeyEntry(id: "one", key: .closure { key })]) } ?? .none
        let provider = try HTTPProvider(
            ProviderSettings(name: "proxy", api: api, baseURL: baseURL, credential: credential), client: CurlClient())
        let book = try PriceBook(
            csv: "model,provider,input,cached_read,output\n\(model),proxy,1000000,100000,2000000\n")
        gateway = Gateway(
            providers: [provider], priceBook: book, settings: GatewaySettings(defaultProvider: "proxy"))
        let messages: JSONValue = [["role": "user", "content": "Grüße?"]]
        call = try gateway.prepare(
            ModelRequest(
                model: "proxy/\(model)", messages: messages.bytes, options: options == [:] ? [] : options.bytes,
                maximumOutputTokens: 50),
            attempt: "run/3/1", at: Instant(unixMilliseconds: 1_795_000_000_000))
    }

    func answer() async throws(ProviderError) -> ModelAnswer { try await gateway.perform(call) { _ in } }

    func failure() async -> ProviderError? {
        do throws(ProviderError) {
            _ = try await answer()
            return nil
        } catch {
            return error
        }
    }

    static func cost(input: Int64, cached: Int64 = 0, output: Int64) -> Nanodollars {
        Nanodollars(input * inputPrice + cached * cachedPrice + output * outputPrice)
    }
}
