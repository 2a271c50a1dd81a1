/// A host as a URL or a grant names it: a domain name in ASCII, or an address in its one spelling.
package enum HostName: Hashable, Sendable, CustomStringConvertible {
    /// Lower case, without a trailing dot.
    case name(String)
    case address(IPAddress)

    package static let maximumNameBytes = 253

    /// - Throws: in words, what is wrong.
    package init(_ text: String) throws(HostNameError) {
        guard !text.isEmpty else { throw HostNameError("the host is missing") }
        if text.hasPrefix("[") {
            guard text.hasSuffix("]"), let address = IPAddress(String(text.dropFirst().dropLast())), !address.isIPv4
            else { throw HostNameError("\(text) is no IPv6 address") }
            self = .address(address)
            return
        }
        if let address = IPAddress(text), address.isIPv4 {
            self = .address(address)
            return
        }
        let name = String(decoding: text.utf8.map(Self.lowercased), as: UTF8.self)
        try Self.check(name)
        self = .name(name)
    }

    package var description: String {
        switch self {
        case .name(let name): name
        case .address(let address): address.urlText
        }
    }

    /// Letters, digits and hyphens (RFC 1123), in labels of at most 63. A name with other letters is written in its
    /// ASCII form (`xn--…`, RFC 5891): what a person grants is then exactly what is looked up.
    private static func check(_ name: String) throws(HostNameError) {
        guard name.utf8.allSatisfy({ $0 < 128 }) else {
            throw HostNameError("the host is not ASCII: write an international name in its xn-- form")
        }
        guard name.utf8.count <= maximumNameBytes else { throw HostNameError("the host's name is too long") }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
            else { throw HostNameError("\"\(name)\" is no host name") }
            // Hyphens in the third and fourth place are reserved for such prefixes (RFC 5891 §4.2.3.1).
            if label.dropFirst(2).starts(with: "--".utf8), !label.starts(with: "xn--".utf8) {
                throw HostNameError("\"\(name)\" is no host name: \"--\" may follow only \"xn\"")
            }
        }
        // Readers of URLs take a name that ends in a number for an address, in spellings of their own.
        guard let last = labels.last, !looksNumeric(last) else {
            throw HostNameError("\"\(name)\" is neither a name nor an address in dotted decimal")
        }
    }

    private static func looksNumeric(_ label: Substring.UTF8View) -> Bool {
        let digits = label.starts(with: "0x".utf8) ? label.dropFirst(2) : label
        let isHex = digits.count < label.count
        return digits.allSatisfy { (48...57).contains($0) || (isHex && (97...102).contains($0)) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }

    static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}

package struct HostNameError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}
