import PluginKit

/// Reads OFX: version 2 is XML; version 1 is SGML, in which elements with a value need no closing tag.
enum OFXReader {
    static func read(_ text: String) throws(TaskFailure) -> XMLElement {
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let root: XMLElement
        if text.drop(while: \.isWhitespace).hasPrefix("<?") {
            root = try XMLReader.read(text)
        } else {
            var reader = SGMLReader(text)
            root = try reader.document()
        }
        guard root.name == "OFX" else { throw .invalid("line \(root.line): the root must be OFX; it is \(root.name)") }
        return root
    }
}

private struct SGMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var elements = 0
    /// Open elements; one with a value is closed by the next tag.
    private var open: [XMLElement] = []

    init(_ text: String) { bytes = Array(text.utf8) }

    private func refused(_ what: String) -> TaskFailure { .invalid("line \(line): \(what)") }

    mutating func document() throws(TaskFailure) -> XMLElement {
        let header = try upTo(0x3C)
        guard XMLReader.trimmed(header).hasPrefix("OFXHEADER:100") else {
            throw .invalid("line 1: an OFX file begins with OFXHEADER:100 or <?xml")
        }
        var root: XMLElement?
        while position < bytes.count {
            let start = line
            position += 1
            let name = try upTo(0x3E)
            guard position < bytes.count else { throw refused("a tag is not closed by >") }
            position += 1
            let value = try content()
            if name.hasPrefix("/") {
                try close(String(name.dropFirst()), value)
            } else {
                let element = try element(name, at: start)
                if root == nil { root = element } else if open.isEmpty { throw refused("a second root element") }
                open.last?.append(element)
                if value.isEmpty {
                    open.append(element)
                    guard open.count <= 64 else { throw refused("more than 64 elements deep or not closed") }
                } else {
                    element.append(value)
                    try passClosing(name)
                }
            }
        }
        guard let root, open.isEmpty else { throw refused("the element \(open.last?.name ?? "OFX") is not closed") }
        return root
    }

    private mutating func element(_ name: String, at line: Int) throws(TaskFailure) -> XMLElement {
        elements += 1
        guard elements <= XMLReader.maximumElements else { throw refused("too many elements") }
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E
            }
        guard isName else { throw refused("<\(name.prefix(40))> is no OFX element") }
        return XMLElement(name: name.uppercased(), line: line)
    }

    /// The closing tag of an element with a value, if it is there.
    private mutating func passClosing(_ name: String) throws(TaskFailure) {
        let closing = Array("</\(name)>".utf8)
        guard bytes[position...].starts(with: closing) else { return }
        position += closing.count
        guard try content().isEmpty else { throw refused("text after </\(name)>") }
    }

    /// What stands open above the element was an element without a value: its content belongs beside it.
    private mutating func close(_ name: String, _ value: String) throws(TaskFailure) {
        let name = name.uppercased()
        guard value.isEmpty else { throw refused("text after </\(name)>") }
        guard open.contains(where: { $0.name == name }) else { throw refused("</\(name)> closes nothing") }
        while let last = open.popLast(), last.name != name {
            for child in last.takeChildren() { open.last?.append(child) }
        }
    }

    private mutating func upTo(_ mark: UInt8) throws(TaskFailure) -> String {
        let start = position
        while position < bytes.count, bytes[position] != mark {
            if bytes[position] == 0x0A { line += 1 }
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Text up to the next tag, trimmed, with the entities of OFX 1.
    private mutating func content() throws(TaskFailure) -> String {
        let text = XMLReader.trimmed(try upTo(0x3C))
        guard text.utf8.contains(0x26) else { return text }
        var result = "", rest = text[...]
        while let mark = rest.firstIndex(of: "&") {
            result += rest[..<mark]
            let after = rest[rest.index(after: mark)...]
            if let end = after.prefix(10).firstIndex(of: ";"), let value = Self.entity(String(after[..<end])) {
                result += value
                rest = after[after.index(after: end)...]
            } else {
                // Banks write a bare ampersand in names.
                result += "&"
                rest = after
            }
        }
        return result + rest
    }

    private static func entity(_ name: String) -> String? { name == "nbsp" ? " " : XMLReader.character(name) }
}
