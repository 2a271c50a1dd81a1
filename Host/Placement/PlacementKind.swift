/// Where a plugin runs: in this process, in a worker process of its own, or in one that several plugins share.
package enum PlacementKind: RawRepresentable, Hashable, Sendable {
    case inline, worker
    case group(String)

    private static let groupPrefix = "group:"
    private static let maximumNameBytes = 32

    /// `inline`, `worker` or `group:` and a name of lower-case letters, digits, '.', '_' and '-'.
    package init?(rawValue: String) {
        switch rawValue {
        case "inline": self = .inline
        case "worker": self = .worker
        default:
            guard rawValue.hasPrefix(Self.groupPrefix) else { return nil }
            let name = rawValue.dropFirst(Self.groupPrefix.count)
            guard (1...Self.maximumNameBytes).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
                return nil
            }
            self = .group(String(name))
        }
    }

    package var rawValue: String {
        switch self {
        case .inline: "inline"
        case .worker: "worker"
        case .group(let name): Self.groupPrefix + name
        }
    }

    /// The same without companions.
    package var alone: PlacementKind { self == .inline ? .inline : .worker }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
