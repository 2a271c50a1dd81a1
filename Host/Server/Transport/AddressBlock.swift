package import Kernel

/// A network as operators write it: `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    private let prefix: [UInt8]
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.bytes.count * 8
        guard parts.count == 2 else {
            (prefix, bits) = (address.bytes, width)
            return
        }
        guard let bits = Int(parts[1]), (0...width).contains(bits), parts[1] == "\(bits)" else { return nil }
        // Bits beyond the prefix are a slip: whoever wrote 10.0.0.1/8 may have meant something else.
        guard (bits..<width).allSatisfy({ address.bytes[$0 / 8] & (0x80 >> ($0 % 8)) == 0 }) else { return nil }
        (self.prefix, self.bits) = (address.bytes, bits)
    }

    package func contains(_ address: IPAddress) -> Bool {
        let bytes = address.bytes
        guard bytes.count == prefix.count else { return false }
        let whole = bits / 8
        guard bytes.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
        return bytes[whole] & mask == prefix[whole] & mask
    }

    package var description: String { (IPAddress(bytes: prefix)?.description ?? "") + "/\(bits)" }
}

/// Who sends a request, as far as addresses tell.
package struct ClientAddress: Hashable, Sendable {
    /// Numeric, without port; an IPv4 address mapped into IPv6 as what it is.
    package let text: String
    package let isLoopback: Bool
    /// What limits count: an IPv6 address by its /64, which one customer has whole.
    package let limitKey: String

    package init(_ text: String?) {
        guard let address = text.flatMap({ IPAddress($0) })?.unmapped else {
            (self.text, isLoopback, limitKey) = (text ?? "", false, text ?? "")
            return
        }
        self.text = address.description
        if address.isIPv4 {
            (isLoopback, limitKey) = (address.bytes[0] == 127, address.description)
        } else {
            isLoopback = address.bytes.dropLast().allSatisfy { $0 == 0 } && address.bytes[15] == 1
            let network = IPAddress(bytes: Array(address.bytes.prefix(8)) + [UInt8](repeating: 0, count: 8))
            limitKey = (network ?? address).description + "/64"
        }
    }
}

extension IPAddress {
    /// `::ffff:192.0.2.1` is the IPv4 address that it stands for.
    var unmapped: IPAddress {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        return bytes.starts(with: mapped) ? IPAddress(bytes: Array(bytes[12...])) ?? self : self
    }
}
