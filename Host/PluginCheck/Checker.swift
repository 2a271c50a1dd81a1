import Glibc
package import Kernel
package import Placement
import Synchronization

/// Tries rules on a plugin, several at once, each with processes of its own.
package struct Checker: Sendable {
    package struct Settings: Sendable {
        package var place: ProbePlace
        /// Rules to try, by id; empty: all.
        package var rules: [String] = []
        package var seed: UInt64 = 0
        /// How long one rule may take.
        package var timeoutSeconds = 20
        /// What `setup` gets: a JSON document.
        package var configuration = Array("{}".utf8)
        /// Rules tried at once.
        package var parallel: Int

        package init(place: ProbePlace) {
            self.place = place
            parallel = place == .thisProcess ? 1 : max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
    }

    private let settings: Settings
    private let rules: [Rule]

    package init(_ settings: Settings) throws(CheckError) {
        self.settings = settings
        for id in settings.rules where RuleCatalogue.rule(id) == nil {
            throw CheckError(.unknownRule, "no rule \(id); `bureau plugin check --list` shows them")
        }
        if case .worker(let path) = settings.place, access(path, X_OK) != 0 {
            throw CheckError(.workerMissing, "\(path): \(String(cString: strerror(errno)))")
        }
        rules = RuleCatalogue.all.filter { settings.rules.isEmpty || settings.rules.contains($0.id) }
    }

    /// - Parameter progress: called as each rule ends, on a thread of the checker, one at a time.
    package func check(
        _ path: String, progress: @escaping @Sendable (RuleResult) -> Void = { _ in }
    ) async throws(CheckError) -> CheckReport {
        var subject = try Subject.open(path, place: settings.place, configuration: settings.configuration)
        let started = Monotonic.milliseconds()
        let looked = await Self.onThread { [subject] in
            var subject = subject
            subject.look(trial(seed: settings.seed))
            return subject
        }
        guard let looked else { throw CheckError(.workerMissing, "the system gives no thread") }
        subject = looked
        let results = await run(rules, on: subject, progress)
        let facts = subject.entry
        return CheckReport(
            path: path, digest: subject.digest, plugin: facts.map { String(decoding: $0.id, as: UTF8.self) },
            version: facts.map { String(decoding: $0.version, as: UTF8.self) }, seed: settings.seed,
            milliseconds: Monotonic.milliseconds() - started, results: results)
    }

    private func trial(seed: UInt64) -> Trial {
        let limit = UInt64(settings.timeoutSeconds) * 1000
        return Trial(
            deadline: Monotonic.milliseconds() + limit, graceMilliseconds: max(200, min(5000, limit / 4)), seed: seed)
    }

    // MARK: Threads

    private final class Queue: Sendable {
        private let state: Mutex<(next: Int, results: [RuleResult?])>
        init(_ count: Int) { state = Mutex((0, Array(repeating: nil, count: count))) }

        func take() -> Int? {
            state.withLock { state in
                guard state.next < state.results.count else { return nil }
                state.next += 1
                return state.next - 1
            }
        }

        func put(_ result: RuleResult, at index: Int, _ progress: (RuleResult) -> Void) {
            state.withLock { state in
                state.results[index] = result
                progress(result)
            }
        }

        var results: [RuleResult] { state.withLock { $0.results.compactMap(\.self) } }
    }

    private func run(
        _ rules: [Rule], on subject: Subject, _ progress: @escaping @Sendable (RuleResult) -> Void
    ) async -> [RuleResult] {
        let queue = Queue(rules.count)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<min(settings.parallel, max(1, rules.count)) {
                group.addTask {
                    _ = await Self.onThread {
                        while let index = queue.take() {
                            queue.put(result(of: rules[index], on: subject), at: index, progress)
                        }
                        return true
                    }
                }
            }
        }
        return queue.results
    }

    /// Probes end with the thread that started them, so each rule stays on one. Nil: there is no thread.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { (waiter: CheckedContinuation<Value?, Never>) in
            if !OSThread.start(name: "plugin check", { waiter.resume(returning: body()) }) {
                waiter.resume(returning: nil)
            }
        }
    }

    // MARK: One rule

    private func result(of rule: Rule, on subject: Subject) -> RuleResult {
        let started = Monotonic.milliseconds()
        let (status, text) = outcome(of: rule, on: subject)
        return RuleResult(rule: rule, status: status, text: text, milliseconds: Monotonic.milliseconds() - started)
    }

    private func outcome(of rule: Rule, on subject: Subject) -> (RuleStatus, String) {
        guard rule.needs <= subject.reached else { return (.skipped, "not reached: \(subject.obstacle)") }
        let breach: RuleStatus = rule.severity == .error ? .failed : .warning
        do {
            switch try rule.check(subject, trial(seed: settings.seed)) {
            case .kept: return (.passed, "")
            case .skipped(let reason): return (.skipped, reason)
            case .broken(let what): return (breach, what)
            }
        } catch ProbeFailure.died(let how) {
            return (.crashed, how)
        } catch {
            return (breach, Subject.words(error))
        }
    }
}
