import CBureau
import FoundationEssentials

/// Durable key and value, kept by the host for one agent. Revisions start at 1; a missing key has revision 0.
public struct AgentState: Sendable {
    let call: OpenCall

    /// Nil when there is no such key.
    public func get<T: Codable & Sendable>(
        _ key: String, as type: T.Type = T.self, step: String? = nil
    ) async throws(TaskFailure) -> Revisioned<T>? {
        guard let get = call.services.state?.pointee.get else { throw .missing(BUREAU_HOST_STATE) }
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(key) { get(host, call, step, $0, out) }
        }
        if case .failed(let failure) = outcome, failure.status == .notFound { return nil }
        let result = try outcome.result()
        let value = try JSONCoding.decode(type, from: result.data, "the state \"\(key)\"", failing: .invalid)
        return Revisioned(value: value, revision: result.value)
    }

    /// Writes and returns the new revision.
    ///
    /// - Parameter expected: the revision that must be current, 0 for "must not exist"; otherwise
    ///   ``FailureStatus/conflict`` is thrown. Nil writes in any case.
    @discardableResult
    public func set(
        _ key: String, _ value: some Encodable & Sendable, ifRevision expected: UInt64? = nil, step: String? = nil
    ) async throws(TaskFailure) -> UInt64 {
        guard let put = call.services.state?.pointee.put else { throw .missing(BUREAU_HOST_STATE) }
        let value = try JSONCoding.encode(value, "the state \"\(key)\"")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(key) { key in
                withBorrowed(value) { put(host, call, step, key, $0, expected ?? Self.anyRevision, out) }
            }
        }
        return try outcome.result().value
    }

    /// Removing a missing key is no error.
    public func remove(
        _ key: String, ifRevision expected: UInt64? = nil, step: String? = nil
    ) async throws(TaskFailure) {
        guard let remove = call.services.state?.pointee.remove else { throw .missing(BUREAU_HOST_STATE) }
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(key) { remove(host, call, step, $0, expected ?? Self.anyRevision, out) }
        }
        _ = try outcome.result()
    }

    /// The keys that start with `prefix`, sorted, at most 1,000.
    public func keys(prefix: String = "", step: String? = nil) async throws(TaskFailure) -> [String] {
        guard let list = call.services.state?.pointee.list else { throw .missing(BUREAU_HOST_STATE) }
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(prefix) { list(host, call, step, $0, out) }
        }
        return try JSONCoding.decode(
            [String].self, from: try outcome.result().data, "the list of keys", failing: .internal)
    }

    /// `BUREAU_STATE_ANY_REVISION`, a macro that Swift does not import.
    private static let anyRevision = UInt64.max
}

/// A stored value and the revision it was read at.
public struct Revisioned<Value: Codable & Sendable>: Codable, Sendable {
    public var value: Value
    public var revision: UInt64

    public init(value: Value, revision: UInt64) {
        self.value = value
        self.revision = revision
    }
}

extension Revisioned: Equatable where Value: Equatable {}
