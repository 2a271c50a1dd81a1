/// Where an address leads, by the IANA special-purpose address registries.
package enum AddressScope: Hashable, Sendable {
    /// A public address that a fetch may connect to.
    case global
    /// This machine or an internal network: only for hosts that the operator named as private.
    case `internal`(String)
    /// No fetch has business there: multicast, link-local (where clouds serve credentials), documentation,
    /// addresses that stand for another address.
    case unusable(String)
}

extension IPAddress {
    package var scope: AddressScope {
        if isIPv4 { return Self.first(Self.ipv4Blocks, bytes) ?? .global }
        if Self.has(bytes, Self.nat64, 96) {
            // Where DNS64 is in use, every IPv4 host is reached by such an address (RFC 6052): the inner one counts.
            let inner = Self.first(Self.ipv4Blocks, Array(bytes[12...]))
            return inner.map { .unusable("NAT64 of an address of \($0.reason)") } ?? .global
        }
        if let special = Self.first(Self.ipv6Blocks, bytes) { return special }
        return Self.has(bytes, [0x20], 3) ? .global : .unusable("unassigned space (RFC 4291)")
    }

    private typealias Block = (prefix: [UInt8], bits: Int, scope: AddressScope)

    private static let nat64: [UInt8] = [0x00, 0x64, 0xff, 0x9b]

    private static let ipv4Blocks: [Block] = [
        ([0], 8, .unusable("\"this network\" (RFC 791)")),
        ([10], 8, .internal("private use (RFC 1918)")),
        ([100, 64], 10, .internal("shared address space (RFC 6598)")),
        ([127], 8, .internal("loopback (RFC 1122)")),
        ([169, 254], 16, .unusable("link-local (RFC 3927)")),
        ([172, 16], 12, .internal("private use (RFC 1918)")),
        ([192, 0, 0], 24, .unusable("protocol assignments (RFC 6890)")),
        ([192, 0, 2], 24, .unusable("documentation (RFC 5737)")),
        ([192, 88, 99], 24, .unusable("6to4 relays (RFC 7526)")),
        ([192, 168], 16, .internal("private use (RFC 1918)")),
        ([198, 18], 15, .unusable("benchmarking (RFC 2544)")),
        ([198, 51, 100], 24, .unusable("documentation (RFC 5737)")),
        ([203, 0, 113], 24, .unusable("documentation (RFC 5737)")),
        ([224], 4, .unusable("multicast (RFC 5771)")),
        ([240], 4, .unusable("reserved or broadcast (RFC 1112, RFC 919)")),
    ]

    private static let ipv6Blocks: [Block] = [
        ([UInt8](repeating: 0, count: 16), 128, .unusable("the unspecified address (RFC 4291)")),
        ([UInt8](repeating: 0, count: 15) + [1], 128, .internal("loopback (RFC 4291)")),
        ([UInt8](repeating: 0, count: 10) + [0xff, 0xff], 96, .unusable("IPv4-mapped (RFC 4291)")),
        ([UInt8](repeating: 0, count: 12), 96, .unusable("IPv4-compatible (RFC 4291)")),
        ([0x00, 0x64, 0xff, 0x9b, 0x00, 0x01], 48, .unusable("local NAT64 (RFC 8215)")),
        ([0x01, 0x00, 0, 0, 0, 0, 0, 0], 64, .unusable("discard-only (RFC 6666)")),
        ([0x01, 0x00, 0, 0, 0, 0, 0, 1], 64, .unusable("the dummy prefix (RFC 9780)")),
        ([0x20, 0x01, 0, 0], 32, .unusable("Teredo (RFC 4380)")),
        ([0x20, 0x01, 0, 2, 0, 0], 48, .unusable("benchmarking (RFC 5180)")),
        ([0x20, 0x01, 0x00], 23, .unusable("protocol assignments (RFC 2928)")),
        ([0x20, 0x01, 0x0d, 0xb8], 32, .unusable("documentation (RFC 3849)")),
        ([0x20, 0x02], 16, .unusable("6to4 (RFC 3056)")),
        ([0x3f, 0xff, 0x00], 20, .unusable("documentation (RFC 9637)")),
        ([0x5f, 0x00], 16, .unusable("segment routing (RFC 9602)")),
        ([0xfc], 7, .internal("unique local (RFC 4193)")),
        ([0xfe, 0x80], 10, .unusable("link-local (RFC 4291)")),
        ([0xfe, 0xc0], 10, .unusable("site-local (RFC 3879)")),
        ([0xff], 8, .unusable("multicast (RFC 4291)")),
    ]

    private static func first(_ blocks: [Block], _ bytes: [UInt8]) -> AddressScope? {
        blocks.first { has(bytes, $0.prefix, $0.bits) }?.scope
    }

    /// A prefix shorter than its bits goes on with zeros.
    private static func has(_ bytes: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
        for index in 0..<(bits + 7) / 8 {
            let left = min(8, bits - 8 * index)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> left)
            guard bytes[index] & mask == (index < prefix.count ? prefix[index] : 0) & mask else { return false }
        }
        return true
    }
}

extension AddressScope {
    package var reason: String {
        switch self {
        case .global: "the public internet"
        case .internal(let reason), .unusable(let reason): reason
        }
    }
}
