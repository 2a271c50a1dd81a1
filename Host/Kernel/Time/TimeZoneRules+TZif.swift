/// A zone file that is none.
package struct TimeZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

extension TimeZoneRules {
    /// The largest file of tzdata 2026 is under 4 KiB; those that list every year to 2037 are a little larger.
    package static let maximumFileBytes = 1 << 16

    /// Reads a compiled zone (RFC 9636), versions 2 to 4. Version 1 ends in 2038 and is refused, as is any file with
    /// leap seconds: Unix time has none.
    package init(name: String, tzif bytes: [UInt8]) throws(TimeZoneError) {
        guard bytes.count <= Self.maximumFileBytes else { throw Self.broken(name, "it is over 64 KiB") }
        var reader = Reader(bytes: bytes)
        guard let first = Header(&reader), first.version >= UInt8(ascii: "2") else {
            throw Self.broken(name, "it is no TZif file of version 2 or newer")
        }
        guard reader.skip(first.byteCount(timeSize: 4)), let header = Header(&reader), header.leapCount == 0 else {
            throw Self.broken(name, "its second header is missing, or it counts leap seconds")
        }
        guard let (offsets, transitions) = Self.read(header, &reader) else {
            throw Self.broken(name, "its transitions are cut short or out of order")
        }
        guard let footer = reader.footer() else { throw Self.broken(name, "its footer is missing") }
        let rule = footer.isEmpty ? nil : POSIXZoneRule(footer)
        guard footer.isEmpty || rule != nil else { throw Self.broken(name, "its footer \"\(footer)\" is no rule") }
        self.init(name: name, first: offsets[0], transitions: transitions, rule: rule)
    }

    private static func read(_ header: Header, _ reader: inout Reader) -> ([Int64], [Transition])? {
        guard header.typeCount > 0 else { return nil }
        var times: [Int64] = []
        for _ in 0..<header.timeCount {
            guard let time = reader.integer(8) else { return nil }
            times.append(time)
        }
        var types: [Int] = []
        for _ in 0..<header.timeCount {
            guard let type = reader.byte() else { return nil }
            types.append(Int(type))
        }
        var offsets: [Int64] = []
        for _ in 0..<header.typeCount {
            guard let offset = reader.integer(4), abs(offset) < 86_400 * 2, reader.skip(2) else { return nil }
            offsets.append(offset)
        }
        guard reader.skip(header.nameBytes + header.standardCount + header.universalCount),
            types.allSatisfy({ $0 < offsets.count }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        return (offsets, zip(times, types).map { Transition(at: $0, offset: offsets[$1]) })
    }

    private static func broken(_ name: String, _ what: String) -> TimeZoneError {
        TimeZoneError(description: "the file of time zone \(name) cannot be used: \(what)")
    }

    private struct Header {
        let version: UInt8
        let universalCount, standardCount, leapCount, timeCount, typeCount, nameBytes: Int

        init?(_ reader: inout Reader) {
            guard reader.rest(4) == Array("TZif".utf8), reader.skip(4), let version = reader.byte(), reader.skip(15)
            else { return nil }
            var counts: [Int] = []
            for _ in 0..<6 {
                guard let count = reader.integer(4), (0...Int64(TimeZoneRules.maximumFileBytes)).contains(count)
                else { return nil }
                counts.append(Int(count))
            }
            self.version = version
            (universalCount, standardCount, leapCount) = (counts[0], counts[1], counts[2])
            (timeCount, typeCount, nameBytes) = (counts[3], counts[4], counts[5])
        }

        func byteCount(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + nameBytes + leapCount * (timeSize + 4) + standardCount
                + universalCount
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        private var next = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        func rest(_ count: Int) -> [UInt8] { Array(bytes[next...].prefix(count)) }

        mutating func skip(_ count: Int) -> Bool {
            guard bytes.count - next >= count else { return false }
            next += count
            return true
        }

        mutating func byte() -> UInt8? {
            guard next < bytes.count else { return nil }
            defer { next += 1 }
            return bytes[next]
        }

        /// Big-endian, signed.
        mutating func integer(_ size: Int) -> Int64? {
            guard bytes.count - next >= size else { return nil }
            defer { next += size }
            let bits = bytes[next..<next + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return size == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
        }

        /// Between two line feeds, at the end.
        func footer() -> String? {
            let rest = bytes[next...]
            guard rest.count >= 2, rest.first == 10, rest.last == 10 else { return nil }
            return String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)
        }
    }
}

/// How zones are named: `Europe/Berlin`, and nothing that could be another file.
package enum ZoneName {
    package static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 64 && (1...4).contains(parts.count)
            && parts.allSatisfy { part in
                part.utf8.first.map { (65...90).contains($0 & 0xDF) } ?? false
                    && part.utf8.allSatisfy {
                        (65...90).contains($0 & 0xDF) || (48...57).contains($0) || [43, 45, 95].contains($0)
                    }
            }
    }
}
