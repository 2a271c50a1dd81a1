import Foundation
import Gateway
import Kernel
import Synchronization
import Testing

/// Answers when it is told to.
private final class GatedProvider: ModelProvider {
    let name = "gated"
    let isDeterministic = false
    private struct State {
        var sent = 0
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }
    private let state = Mutex(State())

    var sent: Int { state.withLock { $0.sent } }

    func resolve(model: String) -> String? { model }

    func release(answering: Bool) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: answering) }
    }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let answers = await withCheckedContinuation { continuation in
            state.withLock { state in
                state.sent += 1
                state.waiting.append(continuation)
            }
        }
        guard answers else { throw ProviderError(.invalid, "no", wasSent: true, isRetryable: false) }
        return ModelAnswer(
            text: "answer", model: call.model, finishReason: "stop", usage: TokenUsage(input: 1, output: 1),
            reference: nil)
    }
}

@Suite("The response cache")
struct ResponseCacheTests {
    private let now = Instant(unixMilliseconds: 1_795_000_000_000)
    private let provider = GatedProvider()

    private func gateway(_ cache: ResponseCache) -> Gateway {
        var settings = GatewaySettings(defaultProvider: "gated", pricing: ["gated": .free])
        settings.cache = cache
        return Gateway(providers: [provider], priceBook: .builtIn, settings: settings)
    }

    private enum End: Hashable {
        case sent, cached, failed
    }

    private func call(
        _ gateway: Gateway, text: String = "Hi", tenant: String = "acme", clearance: Sensitivity = .internal,
        at instant: Instant? = nil
    ) async -> End {
        let instant = instant ?? now
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        var routed = RoutedCall(
            ModelRequest(model: "gated/m", messages: messages.bytes, options: Array(#"{"seed":1}"#.utf8)),
            gateway: gateway, caller: Route.Caller(run: "r", call: "r/1"),
            scope: CacheScope(tenant: tenant, clearance: clearance, promptVersion: "1"))
        do {
            switch try await routed.next(attempt: "r/1/1", at: instant) {
            case .cached(let reply):
                let value = try JSONParser.parse(reply)
                #expect(value["cached"] == true && value["text"] == "answer")
                return .cached
            case .send(let prepared):
                do throws(ProviderError) {
                    let answer = try await gateway.perform(prepared) { _ in }
                    routed.succeeded(answer, reply: ["text": .string(answer.text)], at: instant)
                    return .sent
                } catch {
                    #expect(routed.failed(error) == nil)
                    return .failed
                }
            }
        } catch {
            Issue.record("\(error)")
            return .failed
        }
    }

    private func start(
        _ gateway: Gateway, text: String = "Hi", tenant: String = "acme", sent: Int
    ) async -> Task<End, Never> {
        let task = Task { await call(gateway, text: text, tenant: tenant) }
        while provider.sent < sent { await Task.yield() }
        return task
    }

    private func waitForWaiters(_ count: Int, _ cache: ResponseCache) async {
        while cache.status.waiting < count { await Task.yield() }
    }

    @Test("a hit sends nothing, until its time is over; another tenant and restricted data are sent")
    func hits() async {
        let cache = ResponseCache(CacheRule(secondsToLive: 60))
        let gateway = gateway(cache)
        let first = await start(gateway, sent: 1)
        provider.release(answering: true)
        #expect(await first.value == .sent)
        #expect(await call(gateway) == .cached)
        #expect(await call(gateway, at: now.advanced(byMilliseconds: 59_999)) == .cached)
        #expect(provider.sent == 1)
        let other = await start(gateway, tenant: "other", sent: 2)
        provider.release(answering: true)
        #expect(await other.value == .sent)
        for sent in 3...4 {
            let restricted = Task { await call(gateway, clearance: .restricted) }
            while provider.sent < sent { await Task.yield() }
            provider.release(answering: true)
            #expect(await restricted.value == .sent)
        }
        let late = Task { await call(gateway, at: now.advanced(byMilliseconds: 60_000)) }
        while provider.sent < 5 { await Task.yield() }
        provider.release(answering: true)
        #expect(await late.value == .sent)
        #expect(cache.status.counters.hits == 2)
        #expect(cache.status.counters.misses == 3)
        #expect(cache.status.counters.expirations == 1)
    }

    @Test("of equal calls at once one is sent; when it fails, one other is, and its answer goes to all")
    func underWay() async {
        let cache = ResponseCache(CacheRule())
        let gateway = gateway(cache)
        let first = await start(gateway, sent: 1)
        let others = (0..<8).map { _ in Task { await call(gateway) } }
        await waitForWaiters(8, cache)
        #expect(provider.sent == 1)
        provider.release(answering: false)
        #expect(await first.value == .failed)
        while provider.sent < 2 { await Task.yield() }
        await waitForWaiters(7, cache)
        provider.release(answering: true)
        var ends: [End: Int] = [:]
        for other in others { ends[await other.value, default: 0] += 1 }
        #expect(ends == [.sent: 1, .cached: 7])
        #expect(provider.sent == 2)
        #expect(cache.status.shared == 7)
    }

    @Test("equal calls of two tenants are two calls")
    func tenants() async {
        let gateway = gateway(ResponseCache(CacheRule()))
        let first = await start(gateway, tenant: "a", sent: 1)
        let second = await start(gateway, tenant: "b", sent: 2)
        provider.release(answering: true)
        #expect(await first.value == .sent)
        #expect(await second.value == .sent)
    }

    @Test("a folder keeps answers over a restart, without those that were altered or are not its own")
    func folder() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("bureau-cache-\(UUID())")
        defer { try? FileManager.default.removeItem(at: path) }
        let instant = now
        func open() throws -> (ResponseCache, CacheFolder) {
            let folder = try CacheFolder(path: path.path) { instant }
            let cache = ResponseCache(CacheRule(), folder: folder)
            folder.drain()
            return (cache, folder)
        }
        do {
            let (cache, folder) = try open()
            for number in 1...2 {
                let task = await start(gateway(cache), text: "text \(number)", sent: number)
                provider.release(answering: true)
                #expect(await task.value == .sent)
            }
            folder.drain()
        }
        let files = try FileManager.default.contentsOfDirectory(at: path, includingPropertiesForKeys: nil)
        #expect(files.count == 2)
        let victim = try #require(files.first)
        var bytes = try Data(contentsOf: victim)
        bytes[bytes.count - 3] ^= 1
        try bytes.write(to: victim)
        try Data("mine".utf8).write(to: path.appendingPathComponent("notes.txt"))
        let (cache, _) = try open()
        #expect(cache.status.entries == 1)
        let left = try FileManager.default.contentsOfDirectory(atPath: path.path)
        #expect(left.count == 2 && left.contains("notes.txt") && !left.contains(victim.lastPathComponent))
        let again = gateway(cache)
        let sentBefore = provider.sent
        let tasks = (1...2).map { number in Task { await call(again, text: "text \(number)") } }
        while provider.sent < sentBefore + 1 { await Task.yield() }
        provider.release(answering: true)
        var ends: [End: Int] = [:]
        for task in tasks { ends[await task.value, default: 0] += 1 }
        #expect(ends == [.sent: 1, .cached: 1])
    }
}

@Suite("The keys of a provider in use")
struct KeyHealthTests {
    @Test("a refused key is left out and its error may be tried again; a lone key stays")
    func refusals() throws {
        let health = KeyHealth(provider: "p", keys: [.init(id: "a"), .init(id: "b")])
        let denied = ProviderError(.denied, "401", wasSent: true, isRetryable: false)
        #expect(health.failed("a", denied).isRetryable)
        for number in 0..<20 { #expect(try health.choose(for: "r/1/\(number)") == "b") }
        #expect(!health.failed("b", denied).isRetryable)
        let none = #expect(throws: ProviderError.self) { try health.choose(for: "r/1/1") }
        #expect(none?.wasSent == false)
        #expect(none.map { CallFailure($0) } == .capacity)
        #expect(health.status.map(\.state) == [.refused, .refused])
        let lone = KeyHealth(provider: "p", keys: [.init(id: "a")])
        #expect(!lone.failed("a", denied).isRetryable)
        #expect(try lone.choose(for: "r/1/1") == "a")
    }
}
