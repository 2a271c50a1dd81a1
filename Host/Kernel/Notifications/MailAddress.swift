/// An address as SMTP takes it without extensions: visible ASCII, one `@`, no quoted part. So nothing in it can end a
/// line, a header or a command.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    private static let maximumBytes = 254
    private static let maximumLocalBytes = 64

    package let description: String

    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumBytes, parts.count == 2,
            (1...Self.maximumLocalBytes).contains(parts[0].utf8.count), !parts[0].hasPrefix("."),
            !parts[0].hasSuffix("."), !parts[0].contains(".."), parts[0].utf8.allSatisfy(Self.isLocal),
            (try? HostName(String(parts[1]))) != nil
        else { return nil }
        description = text
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
        }
    }
}
