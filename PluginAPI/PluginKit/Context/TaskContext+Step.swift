import CBureau
import FoundationEssentials

extension TaskContext {
    /// Work of the task's own whose result must survive a crash: it is computed at most once to success.
    ///
    /// A failure that would be the same again is recorded too; being cancelled, late or told to come later is not.
    public func step<T: Codable & Sendable>(
        _ name: String, _ body: () async throws -> T
    ) async throws(TaskFailure) -> T {
        try await step(name, shape: Data(), body)
    }

    /// - Parameter input: what the result depends on. A repeated run with another input under the same name stops
    ///   with ``FailureStatus/replay`` instead of using a result that does not fit.
    public func step<T: Codable & Sendable>(
        _ name: String, dependsOn input: some Encodable & Sendable, _ body: () async throws -> T
    ) async throws(TaskFailure) -> T {
        try await step(name, shape: try JSONCoding.encode(input, "what step \(name) depends on"), body)
    }

    /// A step whose only result is that it was done.
    public func step(_ name: String, _ body: () async throws -> Void) async throws(TaskFailure) {
        _ = try await step(name, shape: Data()) { () async throws -> Empty in
            try await body()
            return Empty()
        }
    }

    private func step<T: Codable & Sendable>(
        _ name: String, shape: Data, _ body: () async throws -> T
    ) async throws(TaskFailure) -> T {
        guard let begin = call.services.step?.pointee.begin else { throw .missing(BUREAU_HOST_STEP) }
        let outcome = await call.perform(name) { host, call, step, out in
            withBorrowed(shape) { begin(host, call, step, $0, out) }
        }
        guard case .compute(let ticket) = outcome else {
            let recorded = try outcome.result()
            return try JSONCoding.decode(T.self, from: recorded.data, "the recorded step \(name)", failing: .replay)
        }
        let value: T
        let data: Data
        do {
            value = try await body()
            data = try JSONCoding.encode(value, "the result of step \(name)")
        } catch {
            let failure = TaskFailure(catching: error)
            if failure.isSameOnRepeat { try await record(ticket, .failure(failure)) }
            throw failure
        }
        try await record(ticket, .success(data))
        return value
    }

    private func record(_ ticket: UInt64, _ outcome: Result<Data, TaskFailure>) async throws(TaskFailure) {
        guard let record = call.services.step?.pointee.record else { throw .missing(BUREAU_HOST_STEP) }
        let data = (try? outcome.get()) ?? Data()
        var status = BUREAU_OK
        var message = ""
        if case .failure(let failure) = outcome {
            status = failure.status.rawValue < 0 ? failure.status.rawValue : BUREAU_E_INTERNAL
            message = failure.message
        }
        let recorded = await call.perform(nil) { host, call, step, out in
            withBorrowed(data) { data in
                withBorrowed(message) { record(host, call, ticket, step.pointee.token, status, data, $0, out) }
            }
        }
        // A recorded failure is delivered as that failure.
        _ = try recorded.result()
    }
}

extension TaskFailure {
    fileprivate var isSameOnRepeat: Bool {
        let passing: Set<FailureStatus> = [.cancelled, .deadline, .busy, .stale, .replay]
        return !passing.contains(status)
    }
}
