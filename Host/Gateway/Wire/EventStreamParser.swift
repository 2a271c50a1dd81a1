/// Server-sent events (WHATWG HTML, "Parsing an event stream"), incrementally: bytes may be cut anywhere. Ids and
/// retry times are skipped, since a model answer is never resumed.
package struct EventStreamParser: Sendable {
    package struct Event: Hashable, Sendable {
        package var type: String
        package var data: String

        package init(type: String, data: String) {
            self.type = type
            self.data = data
        }
    }

    private let maximumEventBytes: Int
    private var line: [UInt8] = []
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var endedWithReturn = false
    private var isAtStart = true

    package init(maximumEventBytes: Int = 4 << 20) { self.maximumEventBytes = maximumEventBytes }

    /// - Returns: the events that these bytes completed; nil when one is larger than the limit.
    package mutating func push(_ bytes: some Sequence<UInt8>) -> [Event]? {
        var events = [Event]()
        for byte in bytes {
            let followsReturn = endedWithReturn
            endedWithReturn = byte == UInt8(ascii: "\r")
            if followsReturn, byte == UInt8(ascii: "\n") { continue }
            if endedWithReturn || byte == UInt8(ascii: "\n") {
                if let event = endLine() { events.append(event) }
            } else {
                line.append(byte)
            }
            guard line.count + data.count <= maximumEventBytes else { return nil }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isAtStart = false
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let name = line[..<colon]
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if name.elementsEqual("data".utf8) {
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        } else if name.elementsEqual("event".utf8) {
            type = String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            type = ""
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        guard hasData else { return nil }
        return Event(type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self))
    }
}
