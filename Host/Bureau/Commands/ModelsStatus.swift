import ArgumentParser
import Kernel

struct ModelsStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what a running host knows of its models now.",
        discussion: """
            Circuits and pauses of targets, limits and keys of providers, routes, and the cache: a host's own, in its
            memory, so a host has to be running. A target is listed from its first call on.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await remote.host().get("/models/status")
        let terminal = Terminal.standard
        if output.json {
            terminal.line(status.serialized())
        } else {
            ModelsStatusView(status).lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }
}

/// The document of `GET /models/status` as tables, one below the other.
struct ModelsStatusView {
    private let status: JSONValue

    init(_ status: JSONValue) { self.status = status }

    func lines(style: Style) -> [String] {
        let tables = [targets, providers, keys, routes].compactMap { $0?.lines(style: style) }
        return Array(tables.joined(separator: [""])) + (tables.isEmpty ? [] : [""]) + [cache]
    }

    private func list(_ name: String) -> [JSONValue] { status["routing"]?[name]?.arrayValue ?? [] }

    private var targets: Table? {
        let targets = list("targets")
        guard !targets.isEmpty else { return nil }
        var table = Table([
            ("target", .left), ("circuit", .left), ("failed", .right), ("of calls", .right), ("waits", .right),
        ])
        for target in targets {
            table.add(
                Self.text(target["name"]), Self.text(target["circuit"]), Self.text(target["failures"]),
                Self.text(target["calls"]), Self.wait(target["wait_milliseconds"]))
        }
        return table
    }

    private var providers: Table? {
        let providers = list("providers")
        guard !providers.isEmpty else { return nil }
        var table = Table([
            ("provider", .left), ("under way", .right), ("queued", .right), ("requests left", .right),
            ("tokens left", .right),
        ])
        for provider in providers {
            table.add(
                Self.text(provider["name"]), Self.text(provider["active_calls"]), Self.text(provider["waiting_calls"]),
                Self.text(provider["available_requests"], none: "no limit"),
                Self.text(provider["available_tokens"], none: "no limit"))
        }
        return table
    }

    /// Those that are set aside; ids are no secrets.
    private var keys: Table? {
        let keys = list("keys")
        guard !keys.isEmpty else { return nil }
        var table = Table([("provider", .left), ("key", .left), ("rests", .right)])
        for key in keys {
            table.add(Self.text(key["provider"]), Self.text(key["id"]), Self.wait(key["wait_milliseconds"]))
        }
        return table
    }

    private var routes: Table? {
        let routes = list("routes")
        guard !routes.isEmpty else { return nil }
        var table = Table("route", "targets", "canary", "fallbacks")
        for route in routes {
            let targets = route["targets"]?.arrayValue ?? []
            let canary = route["canary"].flatMap { $0 == .null ? nil : $0 }
            table.add(
                Self.text(route["name"]),
                targets.map { "\(Self.text($0["model"])) × \(Self.text($0["weight"]))" }.joined(separator: ", "),
                canary.map { "\(Self.text($0["model"])) \(Self.text($0["percent"])) %" } ?? "",
                (route["fallbacks"]?.arrayValue ?? []).map { Self.text($0) }.joined(separator: ", "))
        }
        return table
    }

    private var cache: String {
        guard let cache = status["cache"], cache != .null else { return "cache  off" }
        let count = { (name: String) in Self.text(cache[name]) }
        return "cache  \(count("mode")): \(count("entries")) answers in \(count("bytes")) of \(count("maximum_bytes")) "
            + "bytes; \(count("hits")) hits, \(count("misses")) misses, \(count("shared")) shared, "
            + "\(count("evictions")) evicted, \(count("expirations")) expired"
    }

    private static func text(_ value: JSONValue?, none: String = "–") -> String {
        value?.stringValue ?? value?.integerValue.map(String.init) ?? none
    }

    /// Nothing where there is nothing to wait for.
    private static func wait(_ milliseconds: JSONValue?) -> String {
        guard let milliseconds = milliseconds?.integerValue, milliseconds > 0 else { return "" }
        return RunTreeView.duration(milliseconds)
    }
}
