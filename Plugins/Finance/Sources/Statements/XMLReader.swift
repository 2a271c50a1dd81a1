import PluginKit

/// One element of an XML document.
final class XMLElement {
    /// Without its prefix.
    let name: String
    let attributes: [String: String]
    /// Where its tag begins, from 1.
    let line: Int
    fileprivate(set) var children: [XMLElement] = []
    fileprivate(set) var text = ""

    init(name: String, attributes: [String: String] = [:], line: Int) {
        self.name = name
        self.attributes = attributes
        self.line = line
    }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The element at the end of a path of names.
    func descendant(_ path: String...) -> XMLElement? { path.reduce(Optional(self)) { $0?.first($1) } }

    var trimmedText: String { XMLReader.trimmed(text) }

    func append(_ child: XMLElement) { children.append(child) }
    func append(_ text: String) { self.text += text }
    func takeChildren() -> [XMLElement] {
        defer { children = [] }
        return children
    }
}

/// Reads the XML that banks send: elements, attributes, text, CDATA, comments, the five entities and character
/// references. A document type is refused, so there are no entities of the document's own, external or not.
struct XMLReader {
    static let maximumDepth = 64
    static let maximumElements = 4_000_000

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var elements = 0

    static func read(_ text: String) throws(TaskFailure) -> XMLElement {
        var reader = XMLReader(text)
        return try reader.document()
    }

    private init(_ text: String) {
        var text = text
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        bytes = Array(text.utf8)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    static func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    private func refused(_ what: String) -> TaskFailure { .invalid("line \(line): \(what)") }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { expected in
            position + expected.count <= bytes.count
                && bytes[position..<position + expected.count].elementsEqual(expected)
        }
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            if bytes[position] == 0x0A { line += 1 }
            position += 1
        }
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { advance() }
    }

    /// Passes everything up to and including the end mark.
    private mutating func take(until end: StaticString, of what: String) throws(TaskFailure) -> ArraySlice<UInt8> {
        let start = position, opening = line
        while position < bytes.count {
            if starts(with: end) {
                let content = bytes[start..<position]
                advance(end.utf8CodeUnitCount)
                return content
            }
            advance()
        }
        throw .invalid("line \(opening): \(what) is not closed")
    }

    private mutating func document() throws(TaskFailure) -> XMLElement {
        try miscellaneous()
        guard position < bytes.count else { throw refused("no element; the text is not XML") }
        let root = try tree()
        try miscellaneous()
        guard position == bytes.count else { throw refused("text after the end of the root element") }
        return root
    }

    /// Comments and processing instructions outside the root.
    private mutating func miscellaneous() throws(TaskFailure) {
        while true {
            skipSpace()
            if starts(with: "<?") {
                _ = try take(until: "?>", of: "a processing instruction")
            } else if starts(with: "<!--") {
                _ = try take(until: "-->", of: "a comment")
            } else if starts(with: "<!") {
                throw refused("a document type is not accepted; statements have none")
            } else if position < bytes.count, bytes[position] != 0x3C {
                throw refused("text outside the root element")
            } else {
                return
            }
        }
    }

    /// The element at this place with all that is in it, without recursion.
    private mutating func tree() throws(TaskFailure) -> XMLElement {
        var open: [(element: XMLElement, qualified: String)] = []
        while true {
            if position == bytes.count { throw refused("the element \(open.last?.qualified ?? "") is not closed") }
            if starts(with: "</") {
                let root = open.first?.element
                try close(&open)
                if open.isEmpty, let root { return root }
            } else if starts(with: "<!--") {
                _ = try take(until: "-->", of: "a comment")
            } else if starts(with: "<![CDATA[") {
                advance(9)
                open.last?.element.append(String(decoding: try take(until: "]]>", of: "CDATA"), as: UTF8.self))
            } else if starts(with: "<?") {
                _ = try take(until: "?>", of: "a processing instruction")
            } else if starts(with: "<!") {
                throw refused("a declaration inside the document is not accepted")
            } else if bytes[position] == 0x3C {
                let (element, qualified, isEmpty) = try tag()
                open.last?.element.append(element)
                if !isEmpty { open.append((element, qualified)) } else if open.isEmpty { return element }
                guard open.count <= Self.maximumDepth else { throw refused("more than 64 elements deep") }
            } else {
                open.last?.element.append(try text(until: 0x3C))
            }
        }
    }

    private mutating func close(
        _ open: inout [(element: XMLElement, qualified: String)]
    ) throws(TaskFailure) {
        advance(2)
        let name = try self.name()
        skipSpace()
        guard position < bytes.count, bytes[position] == 0x3E else { throw refused("</\(name) is not closed by >") }
        guard open.last?.qualified == name else {
            throw refused("</\(name)> where </\(open.last?.qualified ?? "")> is expected")
        }
        advance()
        open.removeLast()
    }

    private mutating func tag() throws(TaskFailure) -> (XMLElement, qualified: String, isEmpty: Bool) {
        elements += 1
        guard elements <= Self.maximumElements else { throw refused("more than \(Self.maximumElements) elements") }
        let line = line
        advance()
        let qualified = try name()
        var attributes: [String: String] = [:]
        while true {
            skipSpace()
            guard position < bytes.count else { throw refused("the tag \(qualified) is not closed") }
            let isEmpty = starts(with: "/>")
            if isEmpty || bytes[position] == 0x3E {
                advance(isEmpty ? 2 : 1)
                let name = qualified.split(separator: ":").last.map(String.init) ?? qualified
                return (XMLElement(name: name, attributes: attributes, line: line), qualified, isEmpty)
            }
            let (key, value) = try attribute()
            guard attributes.updateValue(value, forKey: key) == nil else {
                throw refused("the attribute \(key) occurs twice")
            }
        }
    }

    private mutating func attribute() throws(TaskFailure) -> (String, String) {
        let key = try name()
        skipSpace()
        guard position < bytes.count, bytes[position] == 0x3D else {
            throw refused("the attribute \(key) has no value")
        }
        advance()
        skipSpace()
        guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 else {
            throw refused("the value of \(key) is not quoted")
        }
        let quote = bytes[position]
        advance()
        let value = try text(until: quote)
        guard position < bytes.count else { throw refused("the value of \(key) is not closed") }
        advance()
        return (key, value)
    }

    private mutating func name() throws(TaskFailure) -> String {
        let start = position
        func isNameByte(_ byte: UInt8) -> Bool {
            byte >= 0x80 || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                || (position > start && ((0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E))
                || byte == 0x5F || byte == 0x3A
        }
        while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
        guard position > start else { throw refused("a name is expected") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Text up to the mark or the end, entities replaced.
    private mutating func text(until end: UInt8) throws(TaskFailure) -> String {
        var content: [UInt8] = []
        while position < bytes.count, bytes[position] != end {
            if bytes[position] == 0x26 {
                content += Array(try entity().utf8)
            } else if bytes[position] == 0x3C {
                throw refused("< inside a value")
            } else {
                content.append(bytes[position])
                advance()
            }
        }
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func entity() throws(TaskFailure) -> String {
        let limit = min(bytes.count, position + 12)
        guard let end = bytes[position..<limit].firstIndex(of: 0x3B) else { throw refused("& without an entity") }
        let name = String(decoding: bytes[position + 1..<end], as: UTF8.self)
        guard let value = Self.character(name) else { throw refused("the entity &\(name); is not accepted") }
        position = end + 1
        return value
    }

    static func character(_ name: String) -> String? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let code, code >= 0x20 || [9, 10, 13].contains(code) else { return nil }
        return Unicode.Scalar(code).map(String.init)
    }
}
