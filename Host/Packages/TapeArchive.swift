import Kernel

/// The container of a package: POSIX ustar (IEEE Std 1003.1-2017, pax, "ustar Interchange Format"), of which only one
/// form is written and read: regular files, in order of their names, mode 0644, no owner, time 0. So the same files
/// are the same bytes, and nothing that is read can name a place outside the package.
package enum TapeArchive {
    package static let maximumEntries = 256
    package static let maximumNameBytes = 100
    package static let maximumBytes = 320 << 20

    private static let blockBytes = 512

    package struct Entry: Hashable, Sendable {
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// - Precondition: every name is one that ``isSafe(_:)`` accepts.
    package static func write(_ entries: [Entry]) -> [UInt8] {
        var archive: [UInt8] = []
        for entry in entries.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            precondition(isSafe(entry.name))
            archive += header(entry)
            archive += entry.bytes
            archive += [UInt8](repeating: 0, count: padding(entry.bytes.count))
        }
        return archive + [UInt8](repeating: 0, count: 2 * blockBytes)
    }

    package static func read(_ archive: [UInt8]) throws(PackageError) -> [Entry] {
        guard archive.count <= maximumBytes, archive.count % blockBytes == 0, archive.count >= 2 * blockBytes else {
            throw PackageError(.notAPackage, "not a package: \(archive.count) bytes are no archive of this kind")
        }
        var entries: [Entry] = []
        var position = 0
        let end = archive.count - 2 * blockBytes
        while position < end {
            guard entries.count < maximumEntries else {
                throw PackageError(.notAPackage, "not a package: more than \(maximumEntries) entries")
            }
            let head = Array(archive[position..<position + blockBytes])
            let name = text(head[0..<100])
            guard isSafe(name) else {
                throw PackageError(.unsafeEntry, "entry \(entries.count + 1) has a name that packages do not use")
            }
            guard let size = octal(head[124..<136]), size <= end - position - blockBytes else {
                throw PackageError(.notAPackage, "entry \(name) is longer than the package")
            }
            let start = position + blockBytes
            let entry = Entry(name: name, bytes: Array(archive[start..<start + size]))
            // One form only: whatever else a header could say (links, devices, modes, checksums) is refused here.
            guard header(entry) == head else {
                throw PackageError(.unsafeEntry, "entry \(name) is not a plain file as packages hold them")
            }
            if let last = entries.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
                throw PackageError(.unsafeEntry, "entry \(name) is repeated or out of order")
            }
            let next = start + size + padding(size)
            guard next <= end, archive[start + size..<next].allSatisfy({ $0 == 0 }) else {
                throw PackageError(.notAPackage, "entry \(name) is followed by something else than zeros")
            }
            entries.append(entry)
            position = next
        }
        guard archive[end...].allSatisfy({ $0 == 0 }) else {
            throw PackageError(.notAPackage, "the package has something behind its end")
        }
        return entries
    }

    /// Relative, of plain ASCII names, without a way up.
    package static func isSafe(_ name: String) -> Bool {
        guard (1...maximumNameBytes).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".")
                && part.utf8.allSatisfy {
                    48...57 ~= $0 || 65...90 ~= $0 || 97...122 ~= $0 || [0x2B, 0x2D, 0x2E, 0x5F].contains($0)
                }
        }
    }

    private static func padding(_ size: Int) -> Int { (blockBytes - size % blockBytes) % blockBytes }

    private static func header(_ entry: Entry) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: blockBytes)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { head[offset + index] = byte }
        }
        put(entry.name, at: 0)
        put("0000644\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        put(octal(entry.bytes.count, digits: 11) + "\0", at: 124)
        put("00000000000\0", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        let sum = head.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + "\0 ", at: 148)
        return head
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        Int(text(field), radix: 8).flatMap { $0 >= 0 ? $0 : nil }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
