import Gateway
import Testing

@Suite("Event streams")
struct EventStreamTests {
    private typealias Event = EventStreamParser.Event

    private func events(_ chunks: [[UInt8]]) -> [Event]? {
        var parser = EventStreamParser(maximumEventBytes: 1000)
        var events = [Event]()
        for chunk in chunks {
            guard let more = parser.push(chunk) else { return nil }
            events += more
        }
        return events
    }

    /// The examples of the WHATWG HTML standard, 9.2.6, and the traps around them.
    private static let examples: [(stream: String, events: [(String, String)])] = [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [("message", "first event"), ("message", "second event"), ("message", " third event")]
        ),
        ("data\n\ndata\ndata\n\ndata:", [("message", ""), ("message", "\n")]),
        ("data:test\n\ndata: test\n\n", [("message", "test"), ("message", "test")]),
        (
            "event: add\r\ndata: 73857293\r\n\r\nevent: remove\rdata: 2153\r\r",
            [("add", "73857293"), ("remove", "2153")]
        ),
        ("\u{FEFF}data: ünïcödé 価格\n\n", [("message", "ünïcödé 価格")]),
        ("event: lost\n\ndata: kept\n\n", [("message", "kept")]),
        ("retry: 5\nunknown: x\ndata: a: b\n\n", [("message", "a: b")]),
    ]

    @Test("the standard's examples are read, however they are cut in two", arguments: examples.indices)
    func everyCut(index: Int) throws {
        let (stream, expected) = Self.examples[index]
        let bytes = Array(stream.utf8)
        let wanted = expected.map { Event(type: $0.0, data: $0.1) }
        #expect(events([bytes]) == wanted)
        for cut in bytes.indices {
            #expect(events([Array(bytes[..<cut]), Array(bytes[cut...])]) == wanted, "cut at \(cut)")
        }
        #expect(events(bytes.map { [$0] }) == wanted)
    }

    @Test("an event above the limit ends the reading, in one line or in many")
    func limit() {
        #expect(events([Array("data: \(String(repeating: "x", count: 2000))\n\n".utf8)]) == nil)
        #expect(events([Array(String(repeating: "data: xxxxxxxx\n", count: 200).utf8)]) == nil)
        #expect(events([Array(String(repeating: "data: xxxxxxxx\n\n", count: 200).utf8)])?.count == 200)
    }
}
