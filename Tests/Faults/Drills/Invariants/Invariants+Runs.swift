import Kernel

extension Invariant {
    static let noLostAdmission = Invariant("I1", "no acknowledged admission is lost") { evidence in
        let stored = Set(try evidence.store.rows("SELECT run_id FROM run").map { $0[0].run })
        return evidence.acknowledged.filter { !stored.contains($0) }.map {
            Violation("I1", "run \($0) was acknowledged and is gone")
        }
    }

    static let fencesRise = Invariant("I4", "fences never fall, and no row carries one above its run's") { evidence in
        let rows = try evidence.store.rows(
            """
            SELECT run.run_id, step.seq, step.fence, run.fence FROM step JOIN run ON run.run_no = step.run_no
            WHERE step.fence > run.fence
            """)
        var found = rows.map {
            Violation(
                "I4", "step \($0[1].number) of run \($0[0].run) carries fence \($0[2].number), its run \($0[3].number)")
        }
        var fences: [String: Int64] = [:]
        for leaf in evidence.history where leaf.isOfRun || leaf.isOfStep {
            guard let fence = leaf.fence else { continue }
            let known = fences[leaf.run] ?? 0
            if fence < known {
                let place = leaf.step.map { "step \($0) of " } ?? ""
                found.append(
                    Violation("I4", "\(place)run \(leaf.run) was written under fence \(fence) after \(known)"))
            }
            fences[leaf.run] = max(known, fence)
        }
        return found
    }

    static let contiguousJournal = Invariant("I6", "a run's steps are 0, 1, 2, … without a gap") { evidence in
        try evidence.store.rows(
            """
            SELECT run.run_id, count(*), min(step.seq), max(step.seq)
            FROM step JOIN run ON run.run_no = step.run_no GROUP BY step.run_no
            HAVING min(step.seq) <> 0 OR max(step.seq) <> count(*) - 1
            """
        ).map {
            Violation(
                "I6", "run \($0[0].run) has \($0[1].number) steps from sequence \($0[2].number) to \($0[3].number)")
        }
    }

    static let terminalIsFinal = Invariant("I7", "nothing is written to a run that has ended") { evidence in
        var ended: [String: (state: String, fence: Int64)] = [:]
        var found: [Violation] = []
        for leaf in evidence.history where leaf.isOfRun || leaf.isOfStep || leaf.type == "ledger.reserve" {
            if let end = ended[leaf.run] {
                let isRedrive = leaf.type == "run.retried" && (leaf.fence ?? 0) > end.fence
                if isRedrive {
                    ended[leaf.run] = nil
                } else if leaf.type != "run.corrected" {
                    let place = leaf.step.map { " at sequence \($0)" } ?? ""
                    found.append(
                        Violation("I7", "run \(leaf.run) was \(end.state) before \(leaf.type)\(place) was written"))
                }
            }
            if leaf.endsRun { ended[leaf.run] = (leaf.state, leaf.fence ?? 0) }
        }
        return found
    }

    static let poisonIsParked = Invariant("I12", "a run that kills its process is parked, and the host stays up") {
        evidence in
        var found = evidence.unexplainedDeaths.map { Violation("I12", "the host ended by itself: \($0)") }
        guard evidence.isHealed, !evidence.poisonous.isEmpty else { return found }
        for row in try evidence.store.rows("SELECT run_id, state, crash_count FROM run")
        where evidence.poisonous.contains(row[0].run) && ![7, 8].contains(row[1].number) {
            found.append(
                Violation(
                    "I12",
                    "run \(row[0].run) kills its process and is in state \(row[1].number), \(row[2].number) crashes"))
        }
        return found
    }

    static let nothingHangs = Invariant("I15", "without faults every run ends, waits, or is paused with a reason") {
        evidence in
        guard evidence.isHealed else { return [] }
        return try evidence.store.rows(
            """
            SELECT run.run_id, run.state, run.attempt, (SELECT max(seq) FROM step WHERE step.run_no = run.run_no)
            FROM run WHERE state IN (1, 2) OR state = 4 AND failure_message IS NULL ORDER BY run_no
            """
        ).map {
            let step = $0[3].isNull ? "without a step" : "at sequence \($0[3].number)"
            return Violation("I15", "run \($0[0].run) hangs in state \($0[1].number), attempt \($0[2].number), \(step)")
        }
    }

    static let oneBuildForOneExecution = Invariant("I17", "an execution stays on the build that it began on") {
        evidence in
        var builds: [String: (fence: Int64, build: String)] = [:]
        var found: [Violation] = []
        for leaf in evidence.history where leaf.isOfRun {
            guard let fence = leaf.fence, let build = leaf.changing("build")?.stringValue else { continue }
            let previous = builds[leaf.run]
            // A claim raises the fence, so a build that is pinned later belongs to that claim.
            if let previous, previous.build != build, leaf.type != "run.pinned" || previous.fence == fence {
                found.append(
                    Violation(
                        "I17", "run \(leaf.run) went from build \(previous.build) to \(build) under fence \(fence)"))
            }
            if leaf.type == "run.pinned" || previous == nil { builds[leaf.run] = (fence, build) }
        }
        return found
    }

    static let limitsHold = Invariant("I18", "no run is claimed past its department's limit") { evidence in
        guard !evidence.concurrency.isEmpty else { return [] }
        var departments: [String: String] = [:]
        var running: [String: Set<String>] = [:]
        // A wait is recorded as the run's state with the run's next commit only; its open step is there from its start.
        var waits: [String: Set<Int64>] = [:]
        var found: [Violation] = []
        for leaf in evidence.history where leaf.isOfRun || leaf.isOfStep {
            if let step = leaf.step, leaf.isOfStep {
                let kind = leaf.content["kind"]?.stringValue ?? ""
                if leaf.state == "intended", ["sleep", "child", "approval"].contains(kind) {
                    waits[leaf.run, default: []].insert(step)
                } else {
                    waits[leaf.run]?.remove(step)
                }
                continue
            }
            if let department = leaf.content["department"]?.stringValue { departments[leaf.run] = department }
            guard let department = departments[leaf.run], let limit = evidence.concurrency[department] else { continue }
            if leaf.state == "running" {
                running[department, default: []].insert(leaf.run)
            } else {
                running[department]?.remove(leaf.run)
            }
            let count = running[department]?.count { waits[$0]?.isEmpty ?? true || $0 == leaf.run } ?? 0
            if leaf.type == "run.started", count > limit {
                found.append(
                    Violation("I18", "run \(leaf.run) was claimed as number \(count) of \(department), limit \(limit)"))
            }
        }
        return found
    }

    static let boundedResources = Invariant("I19", "memory and files stay within their bounds") { evidence in
        let bounds = evidence.bounds
        return evidence.samples.enumerated().flatMap { index, sample -> [Violation] in
            let storeBytes = bounds.storeBytesAlways + sample.runs * bounds.storeBytesPerRun
            return [
                ("the host's memory", sample.memoryBytes, bounds.memoryBytes),
                ("the store's log", sample.logBytes, bounds.logBytes),
                ("the egress spool", sample.spoolBytes, bounds.spoolBytes),
                ("the store with \(sample.runs) runs", sample.storeBytes, storeBytes),
            ].filter { $0.1 > $0.2 }.map {
                Violation("I19", "sample \(index): \($0.0) has \($0.1) bytes, at most \($0.2)")
            }
        }
    }
}
