import CNative
import Foundation
import Glibc
import Kernel
import TestSupport
import Testing

@Suite("The worker's reader of call blocks", .timeLimit(.minutes(2)))
struct BlockTests {
    private static let samples: [(signature: String, arguments: JSONValue)] = [
        ("f64 cbrt(f64 x)", ["x": 27]),
        (
            "void f(i8 a, u16 b, {f64 x, {i8 c, f32 d} y} s, bool t)",
            ["a": 1, "b": 2, "s": ["x": 1, "y": ["c": 2, "d": 3]], "t": true]
        ),
        (
            "owned str f([f64] v, inout bytes b, out str[40] s, text t)",
            ["v": [1, 2, 3], "b": "AQIDBA==", "t": "hello"]
        ),
        (
            "{i8 a, f64 b} f([{i16 x, f64 y}; 2] p, out [{f32 x, i64 y}; 3] q)",
            ["p": [["x": 1, "y": 2], ["x": 3, "y": 4]]]
        ),
    ]

    private static func blocks() throws -> [[UInt8]] {
        try samples.map { try NativeSignature($0.signature).call($0.arguments).block }
    }

    /// The block ends where memory ends, so that a read past it is found.
    private static func isAccepted(_ block: [UInt8]) -> Bool {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let length = (block.count / page + 1) * page
        let base = mmap(nil, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base, base != MAP_FAILED else { return false }
        defer { munmap(base, length + page) }
        mprotect(base + length, page, PROT_NONE)
        let start = base + length - block.count
        block.withUnsafeBytes { bytes in
            if let address = bytes.baseAddress { start.copyMemory(from: address, byteCount: bytes.count) }
        }
        var problem: UnsafePointer<CChar>?
        let call = native_prepare(start.assumingMemoryBound(to: UInt8.self), UInt64(block.count), &problem)
        if let call { native_free(call) }
        #expect((call == nil) == (problem != nil))
        return call != nil
    }

    @Test("takes what the kernel writes, and no part of it")
    func truncation() throws {
        for block in try Self.blocks() {
            #expect(Self.isAccepted(block))
            #expect(!Self.isAccepted(block + [0]))
            for length in 0..<block.count { #expect(!Self.isAccepted(Array(block.prefix(length)))) }
        }
    }

    @Test("ten thousand mutations neither crash nor read past the block")
    func mutation() throws {
        var random = SplitMix64(seed: TestSeed.next())
        let blocks = try Self.blocks()
        var refused = 0
        for round in 0..<10_000 {
            var block = blocks[round % blocks.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !block.isEmpty {
                let index = Int.random(in: 0..<block.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: block.remove(at: index)
                case 1: block.insert(UInt8.random(in: 0...255, using: &random), at: index)
                case 2: block[index] = [0, 1, 2, 0x20, 0x30, 0x7F, 0xFF].randomElement(using: &random) ?? 0
                case 3: block.replaceSubrange(index..., with: block[index...].map { _ in 0xFF })
                default: block[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            if !Self.isAccepted(block) { refused += 1 }
        }
        #expect(refused > 5_000 && refused < 10_000)
    }

    @Test("an answer that does not fit is refused, whatever it holds")
    func hostileAnswers() throws {
        var random = SplitMix64(seed: TestSeed.next())
        let call = try NativeSignature("i32 f([i32] v, out [i16; 2] a, out str[8] s)").call(["v": [1]])
        // magic, errno, result, two elements, three bytes of text
        var answer: [UInt8] = [0x42, 0x4E, 0x52, 0x31, 0, 0, 0, 0, 7, 0, 0, 0]
        answer += [2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0] + Array("abc".utf8)
        #expect(try call.result(answer) == ["result": 7, "a": [1, 2], "s": "abc"])
        for length in 0..<answer.count {
            #expect(throws: Failure.self) { try call.result(Array(answer.prefix(length))) }
        }
        #expect(throws: Failure.self) { try call.result(answer + [0]) }
        for _ in 0..<10_000 {
            var mutant = answer
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutant[Int.random(in: 0..<mutant.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let result = try? call.result(mutant) else { continue }
            #expect((result["a"]?.arrayValue?.count ?? 99) <= 2 && (result["s"]?.stringValue?.utf8.count ?? 99) <= 8)
        }
    }
}
