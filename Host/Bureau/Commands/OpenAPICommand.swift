import ArgumentParser

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Prints the description of a running host's API.",
        discussion: "OpenAPI 3.1, from which clients are generated; the page to read it is /docs.")

    @OptionGroup var host: ServedHostOptions
    @Flag(name: .customLong("3.0"), help: "In the older form, for tools that know no newer.")
    var isOlder = false

    func run() async throws {
        let document = try await HostClient.get(isOlder ? "/openapi-3.0.json" : "/openapi.json", of: host)
        Terminal.standard.line(document.serialized())
    }
}
