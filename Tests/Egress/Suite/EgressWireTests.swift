import CEgress
import Egress
import Foundation
import Gateway
import Kernel
import TestSupport
import Testing

@Suite("The egress protocol and the spool's format")
struct EgressWireTests {
    private static let samples: [ExchangeRecord] = [
        .opened(attempt: "a/1/2", request: Digest.sha256([1]), label: "ü"), .sending,
        .head(ResponseHead(status: 200, contentType: "text/plain", headers: [HTTPHeader(name: "a", value: "ü")])),
        .piece([]), .piece([0, 255, 10]),
        .ended(
            TransferEnd(
                outcome: .refused(Failure(.conflict, "no")), head: ResponseHead(status: 0, contentType: ""),
                wasSent: true, retryAfterSeconds: 7)),
        .ended(
            TransferEnd(
                outcome: .lost("gone"), head: ResponseHead(status: 200, contentType: "x"), wasSent: true)),
    ]

    @Test("every record reads back as it was written, and none that is cut short is read", arguments: samples)
    func readBack(record: ExchangeRecord) throws {
        let bytes = record.encoded
        #expect(try ExchangeRecord(decoding: bytes[...]) == record)
        if case .piece = record { return }
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) { try ExchangeRecord(decoding: bytes[..<count]) }
        }
    }

    @Test("random bytes are never a crash, for either side")
    func random() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...8, using: &random)
            }
            if !bytes.isEmpty { bytes[0] = UInt8.random(in: 0...6, using: &random) }
            _ = try? HostFrame(decoding: bytes[...])
            _ = try? EgressFrame(decoding: bytes[...])
            _ = try? ExchangeRecord(decoding: bytes[...])
        }
    }

    @Test("an attempt's name is its file's name, and nothing leads out of the folder")
    func names() {
        #expect(AttemptName.fileName("0198-a/12/3").flatMap(AttemptName.attempt(ofFile:)) == "0198-a/12/3")
        for name in ["", "..", "a b", "a+b", "ä", "a\n", "a.b", String(repeating: "a", count: 129)] {
            #expect(AttemptName.fileName(name) == nil, "\(name)")
        }
    }

    @Test("a spool that was torn anywhere reads as far as it is whole")
    func torn() throws {
        let scratch = try Scratch()
        let folder = try SpoolFolder(
            path: scratch.folder("egress"), limits: SpoolFolder.Limits(), now: Instant(unixMilliseconds: 1))
        let path = scratch.folder("egress/torn+0+1.spool")
        var ends: [Int] = []
        do {
            let file = try #require(try folder.open("torn/0/1", creating: true))
            for record in Self.samples.prefix(6) { ends.append(try file.append(record)) }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(whole.count == ends.last)
        for size in 0...whole.count {
            var torn = whole.prefix(size)
            if size % 3 == 0 { torn += Data(repeating: 0xEE, count: 16) }
            try torn.write(to: URL(fileURLWithPath: path))
            let file = try #require(try folder.open("torn/0/1", creating: false))
            let standing = file.standing()
            #expect((standing.request != nil) == (size >= ends[0]))
            #expect(standing.isSent == (size >= ends[1]))
            #expect(standing.hasEnded == (size >= ends[5]))
            #expect(file.byteCount == ends.last { $0 <= size } ?? 0)
        }
    }

    @Test(
        "what breaks the protocol ends the process, and it starts nothing any more",
        arguments: [
            [255, 255, 255, 255, 1], [0, 0, 0, 0], [1, 0, 0, 0, 99], [5, 0, 0, 0, 1, 9, 0, 0, 0],
            [9, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func garbage(bytes: [UInt8]) throws {
        let scratch = try Scratch()
        let settings = EgressSettings(
            program: Built.binary("bureau-egress").path, folder: scratch.folder("egress"))
        var arguments = settings.arguments.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var (socket, process): (Int32, Int32) = (-1, -1)
        try #require(egress_spawn(&arguments, &socket, &process) == 0)
        defer { close(socket) }
        #expect(write(socket, bytes, bytes.count) == bytes.count)
        var status: Int32 = 0
        #expect(waitpid(process, &status, 0) == process)
        #expect(status == 0, "it ended by itself, without a signal")
    }
}
