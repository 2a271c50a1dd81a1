import ArgumentParser
import Kernel

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Prints the description of a running host's API.",
        discussion: "OpenAPI 3.1, from which clients are generated; the page to read it is /docs.")

    @OptionGroup var remote: RemoteOptions
    @Flag(name: .customLong("3.0"), help: "In the older form, for tools that know no newer.")
    var isOlder = false

    func run() async throws {
        let document = try await remote.host().get(isOlder ? "/openapi-3.0.json" : "/openapi.json")
        Terminal.standard.line(document.serialized())
    }
}
