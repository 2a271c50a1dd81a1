import Gateway
import Kernel
import Synchronization
import Testing

/// Over real sockets, with a server that misbehaves on request.
@Suite("The OpenAI-compatible provider, against a scripted server")
struct ScriptedProviderTests {
    private static let server = Task { try await PythonServer.start("scripted_server.py") }

    private func provider(
        key: ProviderKey? = nil, service: ServiceTier? = nil, idleSeconds: Int = 60, maximumBytes: Int = 1 << 20
    ) async throws -> HTTPProvider {
        try HTTPProvider(
            ProviderSettings(
                name: "scripted", baseURL: try await Self.server.value.baseURL,
                credential: key.map { .keys([ProviderKeyEntry(id: "one", key: $0)]) } ?? .none, service: service,
                idleTimeoutSeconds: idleSeconds, maximumResponseBytes: maximumBytes),
            client: CurlClient())
    }

    private func call(_ model: String, timeoutMilliseconds: UInt64 = 60_000) -> ModelCall {
        ModelCall(
            model: model, messages: [ChatMessage(role: .user, content: "Grüße?")],
            options: ModelOptions(temperatureMilli: 700, stop: ["END"], seed: 7), maximumOutputTokens: 50,
            timeoutMilliseconds: timeoutMilliseconds, attempt: "run/3/1")
    }

    private func notes(_ path: String) async throws -> JSONValue { try await Self.server.value.notes(path) }

    private func failure(_ model: String, of provider: HTTPProvider? = nil) async throws -> ProviderError {
        let chosen = if let provider { provider } else { try await self.provider() }
        do throws(ProviderError) {
            let answer = try await chosen.send(call(model)) { _ in }
            Issue.record("answered: \(answer)")
            throw ProviderError(.internal, "answered", wasSent: true, isRetryable: false)
        } catch {
            return error
        }
    }

    @Test("a streamed answer arrives in pieces that add up, with normalised usage")
    func streamed() async throws {
        let pieces = Mutex<[String]>([])
        let answer = try await provider().send(call("streamed")) { piece in pieces.withLock { $0.append(piece) } }
        #expect(pieces.withLock { $0 } == ["Grüße", " aus", " dem", " Test"])
        #expect(answer.text == "Grüße aus dem Test")
        #expect(answer.model == "scripted-1")
        #expect(answer.finishReason == "stop")
        #expect(answer.usage == TokenUsage(input: 100, cachedRead: 20, output: 9))
        #expect(answer.reference == "chatcmpl-1")
        #expect(answer.service == .standard)
    }

    @Test("a server that does not stream is understood")
    func whole() async throws {
        let answer = try await provider().send(call("whole")) { _ in }
        #expect(answer.text == "all at once")
        #expect(answer.usage.output == 9)
    }

    @Test("an answer without usage says that nothing is known")
    func noUsage() async throws {
        let answer = try await provider().send(call("no-usage")) { _ in }
        #expect(answer.usage == TokenUsage())
    }

    @Test("refusals say what they are, that they cost nothing, and when to come back")
    func refusals() async throws {
        let limited = try await failure("limited")
        #expect(limited.status == .busy)
        #expect(limited.isRetryable)
        #expect(limited.retryAfterMilliseconds == 7000)
        let expected: [(String, Status)] = [
            ("quota", .busy), ("wrong-key", .denied), ("bad-request", .invalid), ("redirect", .invalid),
            ("missing", .notFound),
        ]
        for (model, status) in expected {
            let error = try await failure(model)
            #expect(error.status == status, "\(model)")
            #expect(!error.isRetryable, "\(model)")
            #expect(error.wasSent, "\(model)")
            #expect(error.usage == TokenUsage(input: 0, output: 0), "\(model)")
        }
        #expect(try await failure("bad-request").message == "scripted: HTTP 400: messages: too odd")
    }

    @Test(
        "breakdowns can be tried again, and may have cost something",
        arguments: [
            "broken", "cut", "cut-cleanly", "garbage", "garbage-document", "failing-stream", "hang-up",
        ])
    func breakdowns(model: String) async throws {
        let error = try await failure(model)
        #expect(error.status == .io)
        #expect(error.isRetryable)
        #expect(error.wasSent)
        #expect(error.usage == nil)
    }

    @Test("a call that may be billed is sent once, also when a kept connection breaks under it")
    func sentOnce() async throws {
        let provider = try await provider()
        _ = try await provider.send(call("streamed")) { _ in }
        let before = try await notes("seen")["hang-up"]?.integerValue ?? 0
        _ = try await failure("hang-up", of: provider)
        #expect(try await notes("seen")["hang-up"]?.integerValue == before + 1)
    }

    @Test("nobody there: the call was not sent")
    func refusedConnection() async throws {
        let provider = try HTTPProvider(
            ProviderSettings(name: "nobody", baseURL: "http://127.0.0.1:1/v1"), client: CurlClient())
        let error = try await failure("any", of: provider)
        #expect(error.status == .io)
        #expect(!error.wasSent)
        #expect(error.isRetryable)
    }

    @Test("a provider that falls silent is given up, by its idle limit or the call's own")
    func timeouts() async throws {
        let silent = try await failure("silent", of: provider(idleSeconds: 1))
        #expect(silent.status == .io)
        #expect(silent.message.contains("silent"))
        #expect(silent.wasSent)
        let provider = try await provider()
        let late = await #expect(throws: ProviderError.self) {
            try await provider.send(call("mute", timeoutMilliseconds: 300)) { _ in }
        }
        #expect(late?.status == .deadline)
        #expect(late?.isRetryable == false)
    }

    @Test("an endless answer ends at the limit")
    func endless() async throws {
        let error = try await failure("endless", of: provider(maximumBytes: 300_000))
        #expect(error.status == .tooLarge)
        #expect(!error.isRetryable)
    }

    @Test("cancelling the task ends the transfer")
    func cancellation() async throws {
        let provider = try await provider()
        let (first, started) = AsyncStream<String>.makeStream()
        let task = Task { try await provider.send(call("silent")) { piece in started.yield(piece) } }
        for await _ in first { break }
        task.cancel()
        let error = await #expect(throws: ProviderError.self) { try await task.value }
        #expect(error?.status == .cancelled)
        #expect(error?.wasSent == true)
    }

    @Test("closing ends what is under way, and refuses what comes after")
    func closing() async throws {
        let provider = try await provider()
        let (first, started) = AsyncStream<String>.makeStream()
        let task = Task { try await provider.send(call("silent")) { piece in started.yield(piece) } }
        for await _ in first { break }
        provider.close()
        let error = await #expect(throws: ProviderError.self) { try await task.value }
        #expect(error?.status == .cancelled)
        let after = try await failure("streamed", of: provider)
        #expect(after.status == .cancelled)
        #expect(!after.wasSent)
        provider.close()
    }

    @Test("one client carries many calls at once")
    func parallel() async throws {
        let provider = try await provider()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<32 { group.addTask { try await provider.send(call("streamed")) { _ in }.text } }
            for try await text in group { #expect(text == "Grüße aus dem Test") }
        }
    }

    @Test("keys travel in the header only, and are cut out of a refusal that quotes them")
    func keys() async throws {
        let provider = try await provider(key: .closure { "sk-secret-123\n" })
        let refused = try await failure("wrong-key", of: provider)
        #expect(!refused.message.contains("sk-secret-123"))
        #expect(refused.message.contains("(key)"))
        let missing = try await failure(
            "streamed", of: try await self.provider(key: .environment("BUREAU_NO_SUCH_KEY")))
        #expect(missing.status == .denied)
        #expect(!missing.wasSent)
    }

    @Test("a key is never sent in the clear to another machine, and URLs are checked")
    func settings() throws {
        let client = try CurlClient()
        for url in [
            "http://example.com/v1", "ftp://127.0.0.1", "https://user:pass@example.com", "nonsense", "https://",
        ] {
            #expect(throws: Failure.self, "\(url)") {
                try HTTPProvider(
                    ProviderSettings(
                        name: "p", baseURL: url,
                        credential: .keys([ProviderKeyEntry(id: "one", key: .environment("KEY"))])), client: client)
            }
        }
    }
}
