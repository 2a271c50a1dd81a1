import Kernel
import Server
import Testing

@Suite("Channels of sockets")
struct SocketChannelTests {
    private static let run = RunID(unixMilliseconds: 1_800_000_000_000, random: Array(repeating: 7, count: 10))

    private func caller(_ scopes: String...) -> Principal {
        Principal(
            kind: .user, id: "u1", name: "ana", tenant: "acme", scopes: Set(scopes.compactMap { Scope($0) }))
    }

    @Test(
        "names",
        arguments: [
            ("events", "events.*"), ("events.run.completed", "events.run.completed"), ("events.run.*", "events.run.*"),
            ("runs", "runs.*"), ("runs.*", "runs.*"), ("approvals", "approvals"), ("system.cpu", "system.cpu"),
        ])
    func names(text: String, name: String) { #expect(SocketChannel(text)?.name == name) }

    @Test(
        "what is none",
        arguments: [
            "", "*", "event", "events.", "events..x", "events.*.x", "events.Run", "runs.x", "runs.*.*", "approvals.x",
            "departments.*", "system.../x", "events.\u{202E}", "events.run*",
        ])
    func noNames(text: String) { #expect(SocketChannel(text) == nil) }

    @Test("an event is found under exactly the channels that cover it")
    func covering() throws {
        let (lookup, told) = SocketChannel.names(ofTopic: "run.status.updated", run: Self.run, root: Self.run)
        for name in [
            "events", "events.run.*", "events.run.status.*", "events.run.status.updated", "runs", "runs.\(Self.run)",
        ] {
            #expect(lookup.contains(try #require(SocketChannel(name)).name), "\(name)")
        }
        for name in ["events.run", "events.runs.*", "approvals", "departments", "system"] {
            #expect(!lookup.contains(try #require(SocketChannel(name)).name), "\(name)")
        }
        #expect(told == ["events.run.status.updated", "runs.\(Self.run)"])
        #expect(
            SocketChannel.names(ofTopic: "approval.requested", run: Self.run, root: Self.run).told.contains("approvals")
        )
        let agents = SocketChannel.names(ofTopic: "agent.created", run: nil, root: nil)
        #expect(agents.told == ["events.agent.created", "departments"] && !agents.lookup.contains("runs.*"))
    }

    @Test("each family has its permission, and `read_own` reaches as far as it says")
    func rights() throws {
        let channel = { (name: String) throws in try #require(SocketChannel(name)) }
        #expect(try channel("events").reach(of: caller("events.read")) == .tenant)
        #expect(try channel("events").reach(of: caller("runs.read")) == .none)
        #expect(try channel("runs").reach(of: caller("runs.read_own")) == .own)
        #expect(try channel("runs").reach(of: caller("runs.read_team")) == .team)
        #expect(try channel("approvals").reach(of: caller("runs.*", "events.*")) == .none)
        #expect(try channel("system").reach(of: caller("metrics.read")) == .tenant)
        #expect(try channel("system").reach(of: caller("metrics.write")) == .none)
        for family in SocketChannel.Family.allCases {
            #expect(try channel(family.rawValue).reach(of: .anonymous) == .none)
            #expect(try channel(family.rawValue).reach(of: .open(name: nil)) == .tenant)
        }
    }
}
