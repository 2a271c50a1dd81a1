import CLane
import CProbe
import Placement

/// A frame from a probe, with its fields read out. The probe runs a plugin, so every byte may be anything.
struct Frame: Sendable {
    let kind: Int
    let call: UInt64
    let op: UInt64
    private var numbers: [Int: UInt64] = [:]
    private var contents: [Int: [UInt8]] = [:]

    init(_ header: lane_header, body: [UInt8]) throws {
        kind = Int(header.kind)
        call = header.call
        op = header.op
        var rest = body[...]
        while let tag = rest.popFirst() {
            let head = tag & 0x80 == 0 ? 4 : 8
            guard rest.count >= head else { throw ProbeFailure.garbled }
            let number = rest.prefix(head).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(head)
            if tag & 0x80 != 0 {
                numbers[Int(tag)] = number
            } else {
                guard number <= UInt64(rest.count) else { throw ProbeFailure.garbled }
                contents[Int(tag)] = Array(rest.prefix(Int(number)))
                rest = rest.dropFirst(Int(number))
            }
        }
    }

    func number(_ tag: Int) -> UInt64 { numbers[tag] ?? 0 }
    func data(_ tag: Int) -> [UInt8] { contents[tag] ?? [] }
    func text(_ tag: Int) -> String { String(decoding: data(tag), as: UTF8.self) }

    /// A status, sign-extended on the wire.
    func status(_ tag: Int = LANE_STATUS) -> Int32 { Int32(truncatingIfNeeded: Int64(bitPattern: number(tag))) }

    /// What tells two requests apart, without names that the host gave.
    var fingerprint: String {
        let numberText = numbers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let contentText = contents.sorted { $0.key < $1.key }.map {
            "\($0.key)=\(String(decoding: $0.value, as: UTF8.self))"
        }
        return (numberText + contentText).joined(separator: " ")
    }
}

/// Why a conversation with a probe ended early.
enum ProbeFailure: Error {
    /// The process is gone.
    case died(String)
    /// Nothing came in time.
    case late(String)
    /// The loader, the entry function's answer or the descriptor was refused.
    case refused(String)
    /// Frames make no sense: the plugin wrote to the probe's socket.
    case garbled
    case noProcess(String)
}
