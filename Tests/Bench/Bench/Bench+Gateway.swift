import CLimits
import Foundation
import Journal
import Kernel

/// Model calls through the served gateway, with money and audit on, beside the same calls straight to the model server
/// and through LiteLLM's proxy (`BUREAU_BENCH_LITELLM` names its command).
extension Bench {
    private static let seconds = 4.0
    private static let connections: UInt32 = 32
    /// What a call of the model server costs by the price file below.
    private static let callCost: Int64 = 12 * 1_000 + 3 * 2_000
    private static let prices = "model,provider,input,output\nbench-model,bench,1000000,2000000\n"

    private struct Load {
        var perSecond: Double
        var p50: Double
        var p99: Double
        var completed: UInt64
    }

    func gateway() async throws -> [Measurement] {
        let commit = try await commitMicroseconds()
        var rows: [Measurement] = []
        for delay: UInt32 in [0, 60] {
            let port = limit_http_upstream(delay)
            guard port > 0 else { throw Failed(text: "the model server cannot start") }
            let (direct, bureau, peer) = (
                try both(port: port), try throughBureau(upstream: port), try throughLiteLLM(upstream: port)
            )
            rows += Self.rows(delay, direct, bureau, peer, commit: commit)
        }
        return rows
    }

    private static func rows(
        _ delay: UInt32, _ direct: (one: Load, many: Load), _ bureau: (one: Load, many: Load),
        _ peer: (one: Load, many: Load)?, commit: Double
    ) -> [Measurement] {
        let upstream = "upstream \(delay) ms"
        let added = Measurement(
            name: "model call through the gateway, \(upstream): added (p50)", value: bureau.one.p50 - direct.one.p50,
            unit: "µs", reference: ("two durable commits alone", 2 * commit), bar: delay == 0 ? .atMost(150) : .none)
        let slowest = Measurement(
            name: "the same (p99)", value: bureau.one.p99 - direct.one.p99, unit: "µs",
            reference: peer.map { ("LiteLLM", $0.one.p99 - direct.one.p99) }, bar: .none)
        let addedToMany = Measurement(
            name: "the same, \(connections) connections (p50)", value: bureau.many.p50 - direct.many.p50, unit: "µs",
            reference: peer.map { ("LiteLLM", $0.many.p50 - direct.many.p50) }, bar: .none)
        let rate = Measurement(
            name: "model calls, \(connections) connections, \(upstream)", value: bureau.many.perSecond,
            unit: "calls/s", reference: peer.map { ("LiteLLM", $0.many.perSecond) },
            bar: delay == 0 && peer != nil ? .atLeastTimes(50) : .none)
        return [added, slowest, addedToMany, rate]
    }

    /// One durable commit of one row, one after the other: what the disk makes everybody wait for.
    private func commitMicroseconds() async throws -> Double {
        let store = try await SQLiteJournal.open(
            folder: "\(folder)/commits", clock: { Instant(unixMilliseconds: 0) }, hostID: "bench")
        let run = RunID(unixMilliseconds: 0, random: [UInt8](repeating: 1, count: 10))
        var times = Samples()
        for _ in 0..<1_000 {
            let start = ContinuousClock.now
            _ = try await store.write { transaction throws(JournalError) in
                try transaction.eventAppend(NewEvent(topic: "bench", run: run, root: run, body: [:]))
            }
            times.add(start.duration(to: .now).milliseconds * 1000)
        }
        await store.close()
        return times.median
    }

    // MARK: Load

    /// LiteLLM does not start without a key of some length.
    private static let clientKey = "sk-bench-0123456789abcdef"

    private static let request: [CChar] = {
        let body =
            #"{"model":"bench-model","max_tokens":16,"messages":[{"role":"user","content":"What is two and three?"}]}"#
        let text = """
            POST /v1/chat/completions HTTP/1.1\r
            Host: 127.0.0.1\r
            Content-Type: application/json\r
            Authorization: Bearer \(clientKey)\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
        return text.utf8CString.dropLast()
    }()

    private func both(port: Int32) throws -> (one: Load, many: Load) {
        (try load(port: port, connections: 1), try load(port: port, connections: Self.connections))
    }

    private func load(port: Int32, connections: UInt32) throws -> Load {
        var result = limit_http_result()
        let status = Self.request.withUnsafeBufferPointer { request in
            limit_http_load(
                UInt16(port), request.baseAddress, request.count, connections, 1, Self.seconds, &result)
        }
        guard status == 0, result.completed > 0, result.failed == 0 else {
            throw Failed(text: "\(result.failed) of \(result.completed) calls failed at port \(port)")
        }
        return Load(
            perSecond: Double(result.completed) / result.seconds, p50: result.p50_us, p99: result.p99_us,
            completed: result.completed)
    }

    // MARK: The two proxies

    private func throughBureau(upstream: Int32) throws -> (one: Load, many: Load) {
        let store = "\(folder)/gateway-\(upstream)"
        let prices = "\(folder)/prices.csv"
        try Data(Self.prices.utf8).write(to: URL(fileURLWithPath: prices))
        let environment = ["BUREAU_STORE": store, "BUREAU_MODEL_KEY": "sk-bench"]
        let bureau = "\(products)/bureau"
        _ = try Child.output(of: bureau, ["prices", "import", prices], environment)
        _ = try Child.output(of: bureau, ["budget", "set", "organisation", "100000"], environment)
        let host = try Child(
            bureau,
            [
                "serve", "--secure-mode", "off", "--port", "0", "--json", "--grant-all", "--plugins", echoPath,
                "--price-as", "bench",
                "--model-server", "http://127.0.0.1:\(upstream)/v1",
            ], environment)
        defer { host.end() }
        let address = try JSONParser.parse(Array(try host.firstLine().utf8))["address"]?.stringValue ?? ""
        guard let port = address.split(separator: ":").last.flatMap({ Int32($0) }) else {
            throw Failed(text: "bureau serve said \(address)")
        }
        let measured = try both(port: port)
        host.end()
        try checkLedger(bureau, environment, atLeast: measured.one.completed + measured.many.completed)
        return measured
    }

    /// A fast answer that was not paid, held or recorded would be worth nothing.
    private func checkLedger(_ bureau: String, _ environment: [String: String], atLeast calls: UInt64) throws {
        _ = try Child.output(of: bureau, ["audit", "verify"], environment)
        let budgets = try JSONParser.parse(
            Array(try Child.output(of: bureau, ["budget", "show", "--json"], environment).utf8))
        let whole = budgets["budgets"]?.arrayValue?.first { $0["node"] == "organisation" }
        let spent = whole?["spent_nanodollars"]?.integerValue ?? 0
        guard whole?["held_nanodollars"] == 0, spent % Self.callCost == 0, spent / Self.callCost >= Int64(calls) else {
            throw Failed(text: "\(calls) calls were answered, and the ledger says \(whole?.serialized() ?? "nothing")")
        }
    }

    private func throughLiteLLM(upstream: Int32) throws -> (one: Load, many: Load)? {
        guard let command = ProcessInfo.processInfo.environment["BUREAU_BENCH_LITELLM"], !command.isEmpty else {
            return nil
        }
        let configuration = "\(folder)/litellm.yaml"
        let text = """
            model_list:
              - model_name: bench-model
                litellm_params:
                  model: openai/bench-model
                  api_base: http://127.0.0.1:\(upstream)/v1
                  api_key: sk-bench
                  input_cost_per_token: 0.000001
                  output_cost_per_token: 0.000002
            general_settings:
              master_key: \(Self.clientKey)
            litellm_settings:
              telemetry: false

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
        let port = try Self.freePort()
        let path = URL(fileURLWithPath: command).deletingLastPathComponent().path
        let proxy = try Child(
            command,
            ["--config", configuration, "--host", "127.0.0.1", "--port", "\(port)", "--num_workers", "1"],
            [
                "PATH": "\(path):/usr/bin:/bin", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR",
                "HOME": folder,
            ])
        defer { proxy.end() }
        let end = ContinuousClock.now.advanced(by: .seconds(120))
        while (try? load(port: port, connections: 1)) == nil {
            guard ContinuousClock.now < end else { throw Failed(text: "LiteLLM's proxy did not start") }
            usleep(500_000)
        }
        return try both(port: port)
    }

    private static func freePort() throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 ? getsockname(socket, pointer, &length) : -1
            }
        }
        guard status == 0 else { throw Failed(text: "no free port") }
        return Int32(UInt16(bigEndian: address.sin_port))
    }
}
