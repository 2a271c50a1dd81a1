import PluginKit

/// Reads comma-separated values as RFC 4180 says, with any one-byte delimiter: fields may be quoted, a quote inside is
/// doubled, a quoted field may hold line ends. What the standard leaves open is refused, with its line.
struct CSVReader {
    struct Record {
        /// Where it begins, from 1.
        var line: Int
        var fields: [String]
    }

    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var position = 0
    private var line = 1

    init(_ text: String, delimiter: UInt8) {
        var text = text
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        bytes = Array(text.utf8)
        self.delimiter = delimiter
    }

    /// The next record; nil at the end. Empty lines are no records.
    mutating func next() throws(TaskFailure) -> Record? {
        while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D { endLine() }
        guard position < bytes.count else { return nil }
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(try field())
            guard position < bytes.count else { return record }
            if bytes[position] == delimiter {
                position += 1
                // A delimiter at the end of the file opens a last, empty field.
                if position == bytes.count {
                    record.fields.append("")
                    return record
                }
            } else {
                endLine()
                return record
            }
        }
    }

    private mutating func endLine() {
        if bytes[position] == 0x0D, position + 1 < bytes.count, bytes[position + 1] == 0x0A { position += 1 }
        position += 1
        line += 1
    }

    private mutating func field() throws(TaskFailure) -> String {
        guard position < bytes.count, bytes[position] == 0x22 else { return try plainField() }
        let opening = line
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 {
                position += 1
                guard position < bytes.count, bytes[position] == 0x22 else { return try closed(content) }
            } else if byte == 0x0A {
                line += 1
            }
            content.append(byte)
            position += 1
        }
        throw .invalid("line \(opening): a quoted field is not closed")
    }

    private func closed(_ content: [UInt8]) throws(TaskFailure) -> String {
        if position < bytes.count {
            let byte = bytes[position]
            guard byte == delimiter || byte == 0x0A || byte == 0x0D else {
                throw .invalid("line \(line): text after a closing quote")
            }
        }
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func plainField() throws(TaskFailure) -> String {
        let start = position
        while position < bytes.count, bytes[position] != delimiter, bytes[position] != 0x0A, bytes[position] != 0x0D {
            guard bytes[position] != 0x22 else {
                throw .invalid("line \(line): a quote inside a field that is not quoted")
            }
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
