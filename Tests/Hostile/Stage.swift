import Foundation
import Kernel
import TestSupport

/// One host with one group of acts, all at the same time. Everything blocks: it runs on a thread of its own.
struct Stage {
    let acts: [Act]
    let host: ServedHost
    /// What is not as documented.
    private(set) var complaints: [String] = []
    private(set) var litter: [(name: String, says: String)] = []
    private(set) var counts = Watch.Counts()

    init(_ acts: [Act]) throws {
        self.acts = acts
        var litter: [(name: String, says: String)] = []
        host = try ServedHost { plugins, scratch in
            let bystander = Act(name: Watch.bystander, source: "births", what: "", outcome: .reloaded)
            try HostilePlugins.build(acts + [bystander], into: plugins)
            litter = try HostilePlugins.litter(plugins, target: "\(plugins)/\(Watch.bystander).so")
            let kept = try scratch.write(
                Array(try Data(contentsOf: URL(fileURLWithPath: "\(plugins)/\(acts[0].name).so"))), to: "kept.so")
            try FileManager.default.removeItem(atPath: "\(plugins)/\(acts[0].name).so")
            try FileManager.default.createSymbolicLink(
                atPath: "\(plugins)/\(acts[0].name).so", withDestinationPath: kept)
        }
        self.litter = litter
    }

    mutating func play() throws {
        let watch = Watch(host)
        try checkAllWork("before")
        try startTheRest()
        let before = try host.descriptorCount()
        for (act, jobs) in try begin() { try check(act, jobs) }
        try checkAllWork("afterwards")
        try checkDepartments()
        // Of requests that are just being answered, and workers that come and go.
        let after = try host.descriptorCount()
        complain(after > before + 16, "host", "had \(before) descriptors, and has \(after)")
        counts = watch.end()
        complaints += counts.problems
        complain(!host.isRunning, "host", "is gone")
        try checkEnd()
    }

    private mutating func complain(_ isWrong: Bool, _ name: String, _ text: String) {
        if isWrong { complaints.append("\(name): \(text)") }
    }

    private mutating func checkAllWork(_ when: String) throws {
        let jobs = try acts.filter(\.recovers).map { ($0.name, try host.submit($0.name, "ok")) }
        for (name, id) in jobs {
            let job = try host.ended(id, of: name)
            complain(job["status"] != "done", name, "does not work \(when): \(job.serialized())")
        }
    }

    /// Those that never work have a process too, whose descriptors are no leak.
    private func startTheRest() throws {
        let rest = acts.filter { act in
            if case .ends = act.outcome { return !act.recovers }
            return false
        }
        let jobs = try rest.map { ($0.name, try host.submit($0.name, "ok")) }
        for (name, id) in jobs { _ = try host.ended(id, of: name) }
    }

    /// Everything at once.
    private func begin() throws -> [(Act, [String])] {
        var cancelled: [String] = []
        let begun = try acts.compactMap { act -> (Act, [String])? in
            if case .refused = act.outcome { return nil }
            switch act.manner {
            case .run: return (act, [try host.submit(act.name, "act")])
            case .runs(let count): return (act, try (0..<count).map { _ in try host.submit(act.name, "act") })
            case .budget(let dollars): return (act, [try host.submit(act.name, "act", budget: dollars)])
            case .cancel:
                let job = try host.submit(act.name, "act")
                cancelled.append(job)
                return (act, [job])
            case .reload: return (act, [])
            }
        }
        for job in cancelled {
            while try host.client.get("/jobs/\(job)").json()["status"] == "ready" { usleep(5_000) }
            _ = try host.client.post("/jobs/\(job)/cancel")
        }
        return begun
    }

    private mutating func check(_ act: Act, _ jobs: [String]) throws {
        if case .reload = act.manner {
            let response = try host.client.post(
                "/departments/\(act.name)/reload", ["force": true, "drain_seconds": 1])
            complain(response.status != 200, act.name, String(decoding: response.body, as: UTF8.self))
        }
        for id in jobs {
            let job = try host.ended(id, of: act.name)
            guard case .ends(let state, let says) = act.outcome else { continue }
            let failure = job["failure"] ?? .null
            var isRight = job["status"] == .string(state)
            switch says {
            case .output(let text) where text.isEmpty: break
            case .output(let text):
                let output = try host.client.get("/jobs/\(id)").json()["output"]
                isRight = isRight && output?.serialized() == text
            case .failure(let status, let message):
                isRight =
                    isRight && failure["status"] == .string(status)
                    && failure["message"]?.stringValue.map { message.isEmpty || $0.contains(message) } == true
            }
            complain(!isRight, act.name, "expected \(act.row) and got \(describe(job, id))")
        }
    }

    private func describe(_ job: JSONValue, _ id: String) -> String {
        let output = try? host.client.get("/jobs/\(id)").json()["output"]?.serialized()
        return String((job.serialized() + " output " + (output ?? "none")).prefix(1500))
    }

    private mutating func checkDepartments() throws {
        let departments = try host.client.get("/departments").json()["departments"]?.arrayValue ?? []
        func find(_ name: String) -> JSONValue? {
            departments.first { $0["path"]?.stringValue?.hasSuffix("/\(name).so") == true }
        }
        for act in acts {
            let found = find(act.name) ?? .null
            if case .refused(let problem) = act.outcome {
                checkRefused(act.name, found, problem)
                continue
            }
            complain(found["state"] != "ready", act.name, "is \(found.serialized())")
            let broken = found["statistics"]?["misbehaviours"]?.integerValue ?? 0
            complain((broken > 0) != act.breaksRule && !act.holdsLane, act.name, "broke \(broken) rules")
        }
        for (name, says) in litter { checkRefused(name, find(name) ?? .null, says) }
    }

    private mutating func checkRefused(_ name: String, _ found: JSONValue, _ problem: String) {
        let text = found["problem"]?.stringValue ?? ""
        let isRight = found["state"] == "refused" && text.contains("\(name).so") && text.contains(problem)
        complain(!isRight, name, "should be refused for \"\(problem)\", and is \(found.serialized())")
    }

    private mutating func checkEnd() throws {
        let code = host.stop()
        complain(code != 0, "host", "ended with \(code)")
        let end = Date().addingTimeInterval(10)
        while !host.processes().isEmpty, Date() < end { usleep(10_000) }
        complain(!host.processes().isEmpty, "host", "left processes: \(host.processes())")
        let printed = try host.printed()
        complain(printed.contains("\u{1B}") || printed.contains("evil"), "host", "printed: \(printed)")
        complain(!(try host.auditIsSound()), "host", "left an audit log that does not verify")
    }
}
