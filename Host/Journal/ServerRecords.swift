package import Kernel

/// Which request an answer is kept for: the caller's own word for it.
package struct AnswerKey: Hashable, Sendable {
    package static let keptMilliseconds: Int64 = 24 * 3_600_000
    package static let maximumBytes = 200

    package var tenant: String
    package var caller: String
    package var key: String

    package init(tenant: String, caller: String, key: String) {
        self.tenant = tenant
        self.caller = caller
        self.key = key
    }
}

package struct RepeatedAnswer: Hashable, Sendable {
    package var status: Int
    package var location: String?
    package var body: [UInt8]

    package init(status: Int, location: String?, body: [UInt8]) {
        self.status = status
        self.location = location
        self.body = body
    }
}

/// A request that was taken under a key.
package struct KeptRequest: Hashable, Sendable {
    /// Of what it asked for: another one under the same key is refused.
    package var digest: Digest
    /// Nil while it is worked on, and for good where the host ended in between.
    package var answer: RepeatedAnswer?

    package init(digest: Digest, answer: RepeatedAnswer? = nil) {
        self.digest = digest
        self.answer = answer
    }
}

/// How often a client asked for something on a day (UTC).
package struct UsageRow: Hashable, Sendable {
    package struct Key: Hashable, Sendable {
        package var day: CivilDate
        /// Empty for operators, who belong to none.
        package var tenant: String
        package var client: String
        package var version: String
        package var operation: String
        package var status: Int

        package init(
            day: CivilDate, tenant: String, client: String, version: String, operation: String, status: Int
        ) {
            self.day = day
            self.tenant = tenant
            self.client = client
            self.version = version
            self.operation = operation
            self.status = status
        }
    }

    /// Older days are forgotten.
    package static let keptDays = 400

    package var key: Key
    package var requests: Int64
    package var milliseconds: Int64

    package init(key: Key, requests: Int64, milliseconds: Int64) {
        self.key = key
        self.requests = requests
        self.milliseconds = milliseconds
    }
}

package struct UsageQuery: Hashable, Sendable {
    package var from: CivilDate?
    /// The last day that belongs to it.
    package var through: CivilDate?
    package var tenant: String?
    package var client: String?
    package var operation: String?

    package init(
        from: CivilDate? = nil, through: CivilDate? = nil, tenant: String? = nil, client: String? = nil,
        operation: String? = nil
    ) {
        self.from = from
        self.through = through
        self.tenant = tenant
        self.client = client
        self.operation = operation
    }
}
