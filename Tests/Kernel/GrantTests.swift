import Kernel
import Testing

@Suite("Grants")
struct GrantTests {
    private let wants = Manifest.Wants(
        models: ["offline/*"], tools: ["git.history"], hosts: ["api.example.org", "*.example.net"],
        departments: ["research"], stateBytes: 1 << 20)

    private func grant(_ asked: Manifest.Wants, _ granted: Manifest.Wants? = nil) -> Grant {
        Grant(
            department: "desk", plugin: "org.example.desk", asked: asked, granted: granted ?? asked, origin: .enable,
            by: "ada")
    }

    private func standing(_ wants: Manifest.Wants, _ grant: Grant?, plugin: String = "org.example.desk")
        -> GrantStanding
    {
        GrantStanding(of: wants, plugin: plugin, inForce: grant, readOnlyTools: ["git.history"])
    }

    @Test("what costs nothing and reaches nowhere needs no decision; all else does")
    func harmless() {
        #expect(standing(Manifest.Wants(), nil) == .needless)
        #expect(standing(Manifest.Wants(tools: ["git.history"], concurrency: 4), nil) == .needless)
        for wishes in [
            Manifest.Wants(models: ["*"]), Manifest.Wants(tools: ["*"]), Manifest.Wants(tools: ["shell"]),
            Manifest.Wants(hosts: ["a.example"]), Manifest.Wants(departments: ["finance"]),
            Manifest.Wants(stateBytes: 1 << 30), Manifest.Wants(memoryBytes: 1 << 30),
        ] {
            #expect(standing(wishes, nil) == .missing(wishes))
        }
    }

    @Test("fewer wishes need no new decision, more do, and so does another plugin of the same name")
    func changes() {
        let decided = grant(wants, Manifest.Wants())
        #expect(standing(wants, decided) == .granted(decided))
        var fewer = wants
        fewer.models = ["offline/small"]
        fewer.hosts = ["a.example.net"]
        fewer.stateBytes = 1 << 10
        fewer.concurrency = 2
        #expect(standing(fewer, decided) == .granted(decided))
        var more = wants
        more.models = ["*"]
        more.hosts.append("api.example.org:8443")
        more.stateBytes = 1 << 21
        #expect(
            standing(more, decided)
                == .missing(Manifest.Wants(models: ["*"], hosts: ["api.example.org:8443"], stateBytes: 1 << 21)))
        #expect(standing(wants, decided, plugin: "org.example.other") == .missing(wants))
    }

    @Test("what may be used is what is asked for and granted, by bytes")
    func permissions() {
        let asked = Manifest.Wants(models: ["*"], tools: ["git.*"], concurrency: 8)
        let permissions = Permissions(
            asked: asked, granted: Manifest.Wants(models: ["offline/*"], tools: ["*"], concurrency: 2))
        #expect(permissions.refusal(of: "offline/extract", in: .models) == nil)
        #expect(permissions.refusal(of: "openai/gpt", in: .models) == .notGranted)
        #expect(permissions.refusal(of: "git.files", in: .tools) == nil)
        #expect(permissions.refusal(of: "shell", in: .tools) == .notAsked)
        #expect(permissions.refusal(of: "finance", in: .departments) == .notAsked)
        #expect(permissions.concurrency == 2)
        #expect(permissions.stateBytes == Permissions.defaultStateBytes)
        #expect(
            Permissions.all(of: Manifest.Wants(models: ["caf\u{e9}"])).refusal(of: "cafe\u{301}", in: .models) != nil)
    }

    @Test("without a decision, or after it was taken back, only what needs none may be used")
    func revoked() {
        let wants = Manifest.Wants(models: ["*"], tools: ["git.history", "shell"])
        let permissions = Permissions(of: wants, plugin: "p", inForce: nil, readOnlyTools: ["git.history"])
        #expect(permissions.refusal(of: "git.history", in: .tools) == nil)
        #expect(permissions.refusal(of: "shell", in: .tools) == .notGranted)
        #expect(permissions.refusal(of: "", in: .models) == .notGranted)
    }

    @Test("a choice narrows and never widens; any host is granted only by name")
    func choices() throws {
        var choice = GrantChoice()
        choice.only[.hosts] = ["a.example.net"]
        choice.denied = [.tools]
        choice.stateBytes = 1 << 10
        let granted = try choice.applied(to: wants)
        #expect(granted.hosts == ["a.example.net"] && granted.tools.isEmpty && granted.models == ["offline/*"])
        #expect(granted.stateBytes == 1 << 10)
        choice.only[.hosts] = ["evil.example"]
        #expect(throws: Failure.self) { try choice.applied(to: wants) }

        let anything = Manifest.Wants(hosts: ["*"])
        var open = GrantChoice()
        #expect(try #require(throws: Failure.self) { try open.applied(to: anything) }.status == .denied)
        open.allowsAnyHost = true
        #expect(try open.applied(to: anything) == anything)
    }

    @Test("wishes have one form: order and repetition do not change their digest, and it reads back")
    func form() throws {
        let one = Manifest.Wants(models: ["b", "a", "a"], concurrency: 3)
        let two = Manifest.Wants(models: ["a", "b"], concurrency: 3)
        #expect(one.digest == two.digest)
        #expect(one.digest != Manifest.Wants(models: ["a", "b"]).digest)
        #expect(try Manifest.Wants(json: two.json) == two)
        #expect(try Manifest.Wants(json: wants.json).digest == wants.digest)
    }

    @Test("a person reads what it means")
    func words() {
        let wishes = Manifest.Wants(
            models: ["*"], tools: ["git.history", "shell"], hosts: ["*"], departments: ["research"],
            stateBytes: 1 << 20, concurrency: 4)
        #expect(
            wishes.summary(readOnlyTools: ["git.history"]) == [
                "may call any model (spends money)", "may fetch from any host on the internet",
                "may use tool git.history (only reads)", "may use tool shell",
                "may start runs of research, and send it messages", "may keep up to 1 MiB of state",
                "computes at most 4 runs at the same time",
            ])
    }
}
