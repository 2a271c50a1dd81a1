/// An event as others see it: CloudEvents 1.0 (https://github.com/cloudevents/spec), structured JSON, with the
/// extensions `tenant`, `department`, `correlationid` and `causationid`.
package struct CloudEvent: Hashable, Sendable {
    /// Positions are unique in a store, and the source names the store's host.
    package static let source = "/bureau"

    package var position: Int64
    package var type: String
    /// As RFC 3339.
    package var time: String
    /// The run that it tells of.
    package var subject: String?
    package var tenant: String?
    package var department: String?
    package var correlation: String?
    /// The position of the event that led to it.
    package var causation: Int64?
    package var data: JSONValue

    package init(
        position: Int64, type: String, time: String, subject: String?, tenant: String?, department: String?,
        correlation: String?, causation: Int64?, data: JSONValue
    ) {
        self.position = position
        self.type = type
        self.time = time
        self.subject = subject
        self.tenant = tenant
        self.department = department
        self.correlation = correlation
        self.causation = causation
        self.data = data
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "specversion": "1.0", "id": .string(String(position)), "source": .string(Self.source),
            "type": .string(type), "time": .string(time), "datacontenttype": "application/json", "data": data,
        ]
        members["subject"] = subject.map { .string($0) }
        members["tenant"] = tenant.map { .string($0) }
        members["department"] = department.map { .string($0) }
        members["correlationid"] = correlation.map { .string($0) }
        members["causationid"] = causation.map { .string(String($0)) }
        return .object(members)
    }
}
