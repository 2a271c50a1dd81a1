import Audit
import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import Testing

@Suite("Departments do what the operator granted")
struct GrantTests {
    private static let waiting = GrantPolicy(origins: [:])

    private func leaves(_ type: String, _ runtime: HostRuntime) async throws -> Int {
        try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 10_000).count {
                String(decoding: $0.bytes, as: UTF8.self).contains("\"type\":\"\(type)\"")
            }
        }
    }

    private static func attempt(_ context: ScriptedPlugin.Context, _ request: EffectRequest) async throws -> JSONValue {
        do {
            _ = try await context.effect("effect", request)
            return "done"
        } catch let failure as Failure {
            return .string(failure.description)
        }
    }

    private static let model = EffectRequest.model(
        ModelRequest(model: "", messages: Array(#"[{"role":"user","content":"Hello there."}]"#.utf8)))

    @Test("a department without a decision takes no work, says what it asks for, and works once it is granted")
    func needsGrant() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep", wants: Manifest.Wants(models: ["*"]), ["go": { try await Self.attempt($0, Self.model) }])
        let runtime = try await host.open([plugin], grants: Self.waiting)
        let refusal = try await #require(throws: EngineError.self) { try await runtime.run("dep/go") }
        #expect(refusal.code == .needsGrant)
        #expect(refusal.message.contains("may call any model (spends money)"))
        #expect(refusal.message.contains("bureau departments enable dep"))
        #expect(await runtime.departments().first?.state == "needs_grant")

        let wishes = plugin.descriptor.manifest.wants.digest
        let stale = try await #require(throws: EngineError.self) {
            try await runtime.grant("dep", wishes: Digest.sha256([1]), granted: nil, allowsAnyHost: false, by: "ada")
        }
        #expect(stale.code == .conflict)
        let wider = try await #require(throws: EngineError.self) {
            try await runtime.grant(
                "dep", wishes: wishes, granted: Manifest.Wants(tools: ["shell"]), allowsAnyHost: false, by: "ada")
        }
        #expect(wider.code == .invalid)
        _ = try await runtime.grant("dep", wishes: wishes, granted: nil, allowsAnyHost: false, by: "ada")
        #expect(try await runtime.run("dep/go").outputJSON == "done")
        #expect(try await leaves("department.granted", runtime) == 1)
        await runtime.shutdown()

        let again = try await host.open([plugin], grants: Self.waiting)
        #expect(try await again.run("dep/go").outputJSON == "done", "a decision survives the host")
        _ = try await again.revoke("dep", by: "ada")
        #expect(try await #require(throws: EngineError.self) { try await again.run("dep/go") }.code == .disabled)
        #expect(try await leaves("department.revoked", again) == 1)
        #expect(try await again.verifyAudit().problems.isEmpty)
        await again.shutdown()
    }

    @Test("what was granted narrower than asked is denied, with the command that would grant it")
    func narrower() async throws {
        let host = TestHost()
        let wants = Manifest.Wants(models: ["*"], departments: ["other"])
        let plan = #"{"nodes":[{"id":"a","department":"other","task":"go","input":{}}]}"#
        let child = try #require(TaskReference("other/go"))
        let plugin = ScriptedPlugin(
            department: "dep", wants: wants,
            [
                "model": { try await Self.attempt($0, Self.model) },
                "child": { try await Self.attempt($0, .child(child, input: Array("{}".utf8))) },
                "plan": { try await Self.attempt($0, .plan(Array(plan.utf8))) },
                "message": {
                    try await Self.attempt($0, .message(department: "other", type: "t", payload: Array("{}".utf8)))
                },
            ])
        let other = ScriptedPlugin(department: "other", wants: Manifest.Wants(), ["go": { _ in [:] }])
        let runtime = try await host.open([plugin, other], grants: Self.waiting)
        _ = try await runtime.grant(
            "dep", wishes: nil, granted: Manifest.Wants(models: ["offline/*"]), allowsAnyHost: false, by: "ada")
        for (task, name) in [
            ("model", "--only models="), ("child", "\"other\""), ("plan", "\"other\""), ("message", "\"other\""),
        ] {
            let text = try await runtime.run("dep/\(task)").outputJSON?.stringValue ?? ""
            #expect(text.hasPrefix("denied:") && text.contains(name) && text.contains("bureau departments enable dep"))
        }
        #expect(try await leaves("effect.denied", runtime) == 4)

        _ = try await runtime.grant("dep", wishes: nil, granted: nil, allowsAnyHost: false, by: "ada")
        for task in ["model", "child", "plan", "message"] {
            #expect(try await runtime.run("dep/\(task)").outputJSON == "done")
        }
        await runtime.shutdown()
    }

    @Test("a new version that asks for more waits; what a person revoked no start brings back")
    func newVersion() async throws {
        let host = TestHost()
        func plugin(_ wants: Manifest.Wants) -> ScriptedPlugin {
            ScriptedPlugin(department: "dep", wants: wants, ["go": { _ in "done" }])
        }
        let first = try await host.open([plugin(Manifest.Wants(models: ["*"]))], grants: Self.waiting)
        _ = try await first.grant("dep", wishes: nil, granted: nil, allowsAnyHost: false, by: "ada")
        await first.shutdown()

        let more = Manifest.Wants(models: ["*"], hosts: ["a.example"])
        let second = try await host.open([plugin(more)], grants: GrantPolicy(others: .grantAll))
        let refusal = try await #require(throws: EngineError.self) { try await second.run("dep/go") }
        #expect(refusal.code == .needsGrant && refusal.message.contains("may fetch from a.example"))
        #expect(!refusal.message.contains("model"), "only what is new")
        #expect(second.grantedAtStart.isEmpty)
        await second.shutdown()

        let third = try await host.open([plugin(Manifest.Wants(models: ["offline/*"]))], grants: Self.waiting)
        #expect(try await third.run("dep/go").state == .done, "fewer wishes need none")
        _ = try await third.revoke("dep", by: "ada")
        await third.shutdown()
        let fourth = try await host.open([plugin(more)])
        #expect(fourth.grantedAtStart.isEmpty)
        await fourth.shutdown()
    }

    @Test("a start's own grants are recorded once, with how they came about")
    func atStart() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(department: "dep", wants: Manifest.Wants(models: ["*"]), ["go": { _ in "done" }])
        let first = try await host.open([plugin])
        #expect(first.grantedAtStart.map(\.grant.origin) == [.bundled])
        await first.shutdown()
        let second = try await host.open([plugin])
        #expect(second.grantedAtStart.isEmpty)
        #expect(try await leaves("department.granted", second) == 1)
        await second.shutdown()
    }

    @Test("state past its limit is refused with the limit, and what makes room is not")
    func stateSize() async throws {
        let host = TestHost()
        let put = { @Sendable (key: String, bytes: Int) in
            EffectRequest.statePut(key: key, value: [UInt8](repeating: 1, count: bytes), expectedRevision: nil)
        }
        let plugin = ScriptedPlugin(
            department: "dep", wants: Manifest.Wants(stateBytes: 1_000),
            [
                "go": { context in
                    var ends: [JSONValue] = []
                    for (index, request) in [put("a", 600), put("b", 600), put("a", 100), put("c", 600)].enumerated() {
                        do {
                            _ = try await context.effect("put-\(index)", request)
                            ends.append("done")
                        } catch let failure as Failure {
                            ends.append(.string(failure.description))
                        }
                    }
                    return .array(ends)
                }
            ])
        let runtime = try await host.open([plugin])
        let ends = try await runtime.run("dep/go").outputJSON?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(ends.map { String($0.prefix(9)) } == ["done", "too_large", "done", "done"])
        #expect(ends.count == 4 && ends[1].contains("its limit is 1000") && ends[1].contains("wants.state_bytes"))
        let size = try await runtime.journal.read { journal throws(JournalError) in
            try journal.stateBytes(tenant: "default", department: "dep")
        }
        #expect(size == 702)
        #expect(try await runtime.verifyAudit().problems.isEmpty)
        await runtime.shutdown()
    }

    @Test("runs past a department's concurrency wait and do not fail; other departments go on")
    func concurrency() async throws {
        let host = TestHost(), counter = Counter()
        let limited = ScriptedPlugin(
            department: "slow", wants: Manifest.Wants(concurrency: 2),
            [
                "go": { _ in
                    let inside = counter.enter()
                    defer { counter.leave() }
                    try await Task.sleep(for: .milliseconds(5))
                    return .integer(Int64(inside))
                }
            ])
        let free = ScriptedPlugin(department: "free", wants: Manifest.Wants(), ["go": { _ in "done" }])
        let runtime = try await host.open([limited, free])
        let most = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<24 {
                group.addTask { try await runtime.run("slow/go").outputJSON?.integerValue ?? .max }
            }
            group.addTask { try await runtime.run("free/go").state == .done ? 0 : .max }
            return try await group.reduce(0, max)
        }
        #expect((1...2).contains(most))
        await runtime.shutdown()
    }
}

extension Counter {
    fileprivate func enter() -> Int { add("inside") - self["left"] }
    fileprivate func leave() { add("left") }
}
