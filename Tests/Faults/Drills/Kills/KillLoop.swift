import Foundation
import Glibc
import Journal
import Kernel
import TestSupport

/// The shipped host with a real plugin, a provider with a ledger of its own, clients over HTTP, and a death every
/// moment. At the end the faults stop, and every invariant is checked against all that was seen from outside.
package final class KillLoop {
    package struct Summary: Sendable {
        package var kills = 0
        package var namedKills = 0
        package var submitted = 0
        package var calls = 0
        package var ambiguous: [String] = []
        package var states: [String: Int] = [:]
        package var peak = ResourceSample(memoryBytes: 0, storeBytes: 0, logBytes: 0, spoolBytes: 0, runs: 0)
        package var violations: [String] = []
    }

    private struct Submission {
        var program: MadeProgram
        var task = "run"
        var id: String?
        var cancelRequested = false
    }

    private static let maximumKillers = 3
    private static let maximumSpinners = 3
    private static let strikeSeconds = 0.7
    private static let restSeconds = 90.0

    private let scratch: Scratch
    private let provider: ScriptServer
    private let plugin: String
    private var random: SplitMix64
    private var maker: ProgramMaker
    private var submissions: [Submission] = []
    private var samples: [ResourceSample] = []
    private var unexplained: [String] = []
    private var summary = Summary()
    private let say: (String) -> Void

    package init(seed: UInt64, say: @escaping (String) -> Void = { _ in }) async throws {
        scratch = try Scratch()
        random = SplitMix64(seed: seed)
        maker = ProgramMaker(random: SplitMix64(seed: seed ^ 0xFACADE))
        self.say = say
        let script = Built.checkout.appendingPathComponent("Tests/Faults/Drills/Kills/ledger_server.py")
        provider = try await ScriptServer.start(script, scratch.folder("ledger"))
        plugin = scratch.folder("libprogram.so")
        try FileManager.default.copyItem(atPath: Built.binary("libFaultProgram.so").path, toPath: plugin)
        try configure()
    }

    private func configure() throws {
        let prices = "model,provider,input,output\nsteady,scripted,1000000,2000000\n"
        let file = try scratch.write(Array(prices.utf8), to: "prices.csv")
        let key = try scratch.write(Array("sk-of-the-drill".utf8), to: "key")
        chmod(key, 0o600)
        for arguments in [["prices", "import", file], ["budget", "set", "organisation", "1000"]] {
            _ = try HostProcess.run(scratch, arguments)
        }
        let gateway: JSONValue = [
            "providers": [
                "scripted": [
                    "api": "openai-chat", "base_url": .string("http://127.0.0.1:\(provider.port)/v1"),
                    "keys": [["file": .string(key)]], "prices": "scripted", "default_model": "steady",
                    "output_limit_field": "max_tokens",
                ]
            ],
            "default": "scripted/steady",
        ]
        try scratch.write(gateway.bytes, to: "store/gateway.json")
    }

    private var storePath: String { scratch.folder("store/\(SQLiteJournal.fileName)") }

    // MARK: The loop

    /// - Parameter isOver: asked before each incarnation, with the kills so far.
    package func run(until isOver: (Int) -> Bool) async throws -> Summary {
        try begin()
        while !isOver(summary.kills) {
            let strike = Strike.random(using: &random)
            try incarnation(strike)
            if summary.kills % 7 == 0 { try await decide() }
            if summary.kills % 25 == 0 { say("\(summary.kills) kills, \(submissions.count) runs submitted") }
        }
        try heal()
        try judge()
        return summary
    }

    /// The first host is spared: it takes the trigger.
    private func begin() throws {
        guard let host = try HostProcess.start(scratch, plugin: plugin, fault: nil) else { return }
        let rule: JSONValue = [
            "filter": ["topics": ["run.completed"], "where": [["pointer": "/task", "is": "program/run"]]],
            "task": "program/note", "input": ["run": ["$event": "/subject"]], "by": "the drill",
        ]
        let response = try host.client.put("/triggers/notes", rule)
        guard response.status < 300 else {
            throw SimulatedWorld.Problem("the trigger: \(String(decoding: response.body, as: UTF8.self))")
        }
        try host.end()
    }

    private func incarnation(_ strike: Strike) throws {
        var fault: String?
        if case .point(let name, let count) = strike { fault = "\(name):\(count)" }
        guard let host = try HostProcess.start(scratch, plugin: plugin, fault: fault) else {
            summary.kills += 1
            summary.namedKills += 1
            return
        }
        if case .provider(let stage, let count) = strike {
            let order: JSONValue = [
                "pid": .integer(Int64(host.processID)), "point": .string(stage), "count": .integer(Int64(count)),
            ]
            _ = try LoopbackClient(port: UInt16(provider.port)).post("/arm", order)
        }
        work(with: host)
        apply(strike, to: host)
        sample(host)
        let wasStruck = !host.process.isRunning
        host.killNow()
        // It was asked to end, and passed the point too seldom: no kill.
        if strike.endsHost, host.hasEndedByItself { return }
        if wasStruck, strike.isNamed { summary.namedKills += 1 }
        note(host, strike)
        summary.kills += 1
    }

    private func note(_ host: HostProcess, _ strike: Strike?) {
        guard let unexpected = host.unexpectedEnd else { return }
        let errors = (try? String(contentsOfFile: scratch.folder("host.err"), encoding: .utf8)) ?? ""
        unexplained.append("\(unexpected) under \(strike?.description ?? "no fault"): \(errors.suffix(500))")
    }

    /// Clients that were not told before, new ones, and some that change their mind.
    private func work(with host: HostProcess) {
        for index in submissions.indices where submissions[index].id == nil { send(index, to: host) }
        for _ in 0..<Int.random(in: 2...5, using: &random) {
            submissions.append(newSubmission())
            send(submissions.count - 1, to: host)
        }
        guard Int.random(in: 0..<3, using: &random) == 0,
            let index = submissions.indices.suffix(8).randomElement(using: &random), let id = submissions[index].id
        else { return }
        submissions[index].cancelRequested = true
        _ = try? host.client.post("/jobs/\(id)/cancel")
    }

    private func newSubmission() -> Submission {
        let name = "p\(submissions.count)"
        switch Int.random(in: 0..<60, using: &random) {
        case 0 where submissions.count(where: \.program.kills) < Self.maximumKillers:
            return Submission(program: maker.makeKiller(name))
        case 1 where submissions.count(where: { $0.task == "spin" }) < Self.maximumSpinners:
            return Submission(program: maker.make(name), task: "spin")
        default: return Submission(program: maker.make(name))
        }
    }

    private func send(_ index: Int, to host: HostProcess) {
        let submission = submissions[index]
        let body: JSONValue = [
            "task": .string(submission.task), "parameters": submission.task == "run" ? submission.program.input : [:],
            "idempotency_key": .string(submission.program.name),
        ]
        // A host that dies meanwhile answers nothing: the client asks the next one.
        guard let response = try? host.client.post("/agents/program/execute", body), response.status == 202 else {
            return
        }
        submissions[index].id = try? response.json()["job_id"]?.stringValue
    }

    private func apply(_ strike: Strike, to host: HostProcess) {
        switch strike {
        case .point(let name, _):
            // A host that ends folds the log into the store: that is where a checkpoint is sure to be.
            if name.hasPrefix("checkpoint.") { host.process.terminate() }
            if name.hasPrefix("reload.") { reload(host) }
            _ = host.process.waitUntilExit(upTo: Self.strikeSeconds)
        case .provider: _ = host.process.waitUntilExit(upTo: Self.strikeSeconds)
        case .moment(let delay): usleep(UInt32(delay) * 1_000)
        case .pause(let delay):
            kill(host.processID, SIGSTOP)
            usleep(UInt32(delay) * 1_000)
            kill(host.processID, SIGCONT)
            usleep(100_000)
        case .egress(let delay):
            usleep(UInt32(delay) * 500)
            for child in host.children(named: "bureau-egress") { kill(child, SIGKILL) }
            usleep(UInt32(delay) * 500)
        case .reload(let delay):
            reload(host)
            usleep(UInt32(delay) * 1_000)
        }
    }

    private func reload(_ host: HostProcess) {
        let (client, body) = (host.client, JSONValue.object(["force": true, "drain_seconds": 1]))
        Thread.detachNewThread { _ = try? client.post("/departments/program/reload", body) }
    }

    /// People decide while no host runs: the decision is there before anybody waits for it.
    private func decide() async throws {
        let journal = try await SQLiteJournal.open(
            folder: scratch.folder("store"), clock: { Self.now() }, hostID: "people")
        let open = try await journal.read { journal throws(JournalError) in try journal.approvals(open: true) }
        for approval in open where Bool.random(using: &random) {
            let decision = ApprovalDecision(approved: Bool.random(using: &random), by: "a person", reason: "")
            // It may expire just now.
            _ = try? await journal.write { journal throws(JournalError) in
                try journal.approvalDecide(run: approval.run, sequence: approval.sequence, decision: decision)
            }
        }
        await journal.close()
    }

    private static func now() -> Instant {
        Instant(unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }

    private func sample(_ host: HostProcess) {
        func size(_ path: String) -> Int64 {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
        }
        let spools = scratch.folder("store/egress")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: spools)) ?? []
        samples.append(
            ResourceSample(
                memoryBytes: host.memoryBytes, storeBytes: size(storePath), logBytes: size(storePath + "-wal"),
                spoolBytes: names.reduce(0) { $0 + size("\(spools)/\($1)") }, runs: Int64(submissions.count)))
    }

    // MARK: The end

    /// No more faults: what was not acknowledged is asked for again, and everything comes to rest.
    private func heal() throws {
        guard let host = try HostProcess.start(scratch, plugin: plugin, fault: nil) else {
            throw SimulatedWorld.Problem("a host without a fault was killed")
        }
        for index in submissions.indices where submissions[index].id == nil { send(index, to: host) }
        let end = Date().addingTimeInterval(Self.restSeconds)
        while Date() < end, host.process.isRunning, try open() > 0 {
            try liftQuarantine(of: host)
            usleep(100_000)
        }
        if !host.process.isRunning { note(host, nil) }
        sample(host)
        try host.end()
    }

    /// As an operator would who has seen why: the programs that crash are part of the drill, and each is parked in the
    /// end.
    private func liftQuarantine(of host: HostProcess) throws {
        let held = try StoreFile(storePath).rows("SELECT count(*) FROM quarantine WHERE lifted_at_ms IS NULL")
        if held[0][0].number > 0 { _ = try? host.client.post("/departments/program/reset") }
    }

    private func open() throws -> Int64 {
        let store = try StoreFile(storePath)
        let started = try store.rows("SELECT count(*) FROM run WHERE state IN (0, 1, 2, 3)")[0][0].number
        let lag = try store.rows(
            """
            SELECT count(*) FROM event WHERE topic = 'run.completed' AND pos > (SELECT min(cursor) FROM stream_group)
            """)[0][0].number
        return started + lag
    }

    private func judge() throws {
        var evidence = try Evidence(store: storePath)
        evidence.acknowledged = submissions.compactMap(\.id)
        evidence.calls = try calls()
        evidence.triggers = [
            TriggerExpectation(group: "trigger:notes", topic: "run.completed", task: "program/run", after: 0)
        ]
        evidence.concurrency = ["program": 8]
        evidence.poisonous = Set(submissions.filter(\.program.kills).compactMap(\.id))
        evidence.unexplainedDeaths = unexplained
        evidence.samples = samples
        evidence.isHealed = true
        summary.violations += try Invariant.violations(in: evidence).map(\.description)
        summary.violations += try outcomes(evidence.store)
        for arguments in [["audit", "verify"], ["ledger", "verify"]] {
            do { _ = try HostProcess.run(scratch, arguments) } catch { summary.violations.append("\(error)") }
        }
        summary.submitted = submissions.count
        summary.calls = evidence.calls.count
        summary.ambiguous = try evidence.ambiguousAttempts()
        for row in try evidence.store.rows("SELECT state, count(*) FROM run GROUP BY state") {
            summary.states[RunState(rawValue: Int(row[0].number))?.name ?? "?"] = Int(row[1].number)
        }
        for sample in samples {
            summary.peak.memoryBytes = max(summary.peak.memoryBytes, sample.memoryBytes)
            summary.peak.storeBytes = max(summary.peak.storeBytes, sample.storeBytes)
            summary.peak.logBytes = max(summary.peak.logBytes, sample.logBytes)
            summary.peak.spoolBytes = max(summary.peak.spoolBytes, sample.spoolBytes)
            summary.peak.runs = max(summary.peak.runs, sample.runs)
        }
    }

    private func calls() throws -> [OutsideCall] {
        let ledger = (try? String(contentsOfFile: scratch.folder("ledger"), encoding: .utf8)) ?? ""
        return ledger.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let moment = Int64(words[1]) else { return nil }
            return OutsideCall(attempt: String(words[0]), moment: .unixMilliseconds(moment))
        }
    }

    /// What the generator knows of each program, against what came of it.
    private func outcomes(_ store: StoreFile) throws -> [String] {
        var runs: [String: [StoreFile.Cell]] = [:]
        let rows = try store.rows(
            """
            SELECT idempotency_key, run_id, state, output, failure_message FROM run
            WHERE idempotency_key IS NOT NULL AND cause IS NULL
            """)
        for row in rows { runs[row[0].text] = row }
        var counters: [String: Int64] = [:]
        for row in try store.rows("SELECT key, revision FROM state") { counters[row[0].text] = row[1].number }
        var found: [String] = []
        for submission in submissions where submission.task == "run" {
            guard let row = runs[submission.program.name] else {
                found.append("\(submission.program.name) was asked for to the end and is not there")
                continue
            }
            found += Self.faults(of: submission.program, submission.cancelRequested, row, counters)
        }
        return found
    }

    private static func faults(
        of program: MadeProgram, _ mayBeCancelled: Bool, _ row: [StoreFile.Cell], _ counters: [String: Int64]
    ) -> [String] {
        let place = "run \(row[1].run) of \(program.name)"
        let state = RunState(rawValue: Int(row[2].number)) ?? .paused
        var isWhole = false
        switch state {
        case .done:
            guard case .blob(let bytes) = row[3], let done = (try? JSONParser.parse(bytes))?["done"]?.integerValue,
                program.done.contains(Int(done)), !program.throwsAtEnd
            else { return ["\(place) is done with another result than \(program.done) lines"] }
            isWhole = true
        case .failed where program.throwsAtEnd: isWhole = true
        case .cancelled where mayBeCancelled: break
        case .dead where program.kills: break
        default: return ["\(place) is \(state.name): \(row[4].text)"]
        }
        return program.bumps.sorted { $0.key < $1.key }.compactMap { name, count in
            let counted = counters[name] ?? 0
            guard isWhole ? counted != count : counted > count else { return nil }
            return "\(place) raised \(name) \(counted) times, not \(count)"
        }
    }
}
