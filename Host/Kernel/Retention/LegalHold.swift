/// An order that something is kept: while it stands, nothing under it is moved to the archive, expires or is erased.
package struct LegalHold: Hashable, Sendable {
    package static let maximumReasonBytes = 2_000

    /// What it keeps.
    package enum Target: Hashable, Sendable {
        /// A run with its whole tree.
        case run(RunID)
        /// A person, with all that is about them.
        case subject(SubjectID)
        case tenant(String)
        /// Of all tenants.
        case department(String)

        package static let forms = "run:<id>, subject:<id>, tenant:<name> or department:<name>"

        package init?(_ text: String) {
            guard let colon = text.firstIndex(of: ":") else { return nil }
            let kind = text[..<colon], value = String(text[text.index(after: colon)...])
            guard !value.isEmpty, value.utf8.count <= 200, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                return nil
            }
            switch kind {
            case "run":
                guard let run = RunID(value) else { return nil }
                self = .run(run)
            case "subject":
                guard let subject = SubjectID(value) else { return nil }
                self = .subject(subject)
            case "tenant": self = .tenant(value)
            case "department": self = .department(value)
            default: return nil
            }
        }

        package var kind: String {
            switch self {
            case .run: "run"
            case .subject: "subject"
            case .tenant: "tenant"
            case .department: "department"
            }
        }

        package var value: String {
            switch self {
            case .run(let run): run.description
            case .subject(let subject): subject.description
            case .tenant(let name), .department(let name): name
            }
        }
    }

    package var name: String
    package var target: Target
    package var reason: String
    package var by: String
    package var at: Instant

    package init(name: String, target: Target, reason: String, by: String, at: Instant) {
        self.name = name
        self.target = target
        self.reason = reason
        self.by = by
        self.at = at
    }
}

extension LegalHold.Target: CustomStringConvertible {
    package var description: String { "\(kind):\(value)" }
}
