import Gateway
import Kernel

/// Which models a host offers: the built-in offline one, and the server that was named, which is then the default.
struct ModelSetup {
    /// The server's name as in `server/model`, and the variable that holds its key.
    private static let serverName = "server"
    private static let keyVariable = "BUREAU_MODEL_KEY"

    let providers: [any ModelProvider]
    let settings: GatewaySettings

    init(_ options: HostOptions) throws(CommandFailure) {
        guard let address = options.modelServer else {
            providers = [OfflineProvider()]
            settings = GatewaySettings()
            return
        }
        do {
            let hasKey = Environment.value(Self.keyVariable) != nil
            let server = try OpenAICompatibleProvider(
                OpenAICompatibleSettings(
                    name: Self.serverName, baseURL: address, key: hasKey ? .environment(Self.keyVariable) : .none,
                    defaultModel: options.model),
                client: CurlClient())
            providers = [server, OfflineProvider()]
            // A server of one's own has no price; one that needs a key is billed, and must be in the price book.
            settings = GatewaySettings(
                defaultProvider: Self.serverName,
                pricing: [Self.serverName: hasKey ? .book(provider: options.priceAs) : .free])
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }
}
