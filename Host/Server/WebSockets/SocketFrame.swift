import Kernel
import NIOCore
import NIOWebSocket

/// Frames from the host, which are never masked: made once, and written to as many sockets as want them.
enum SocketFrame {
    private static let largestSmall = 125

    static func text(_ message: JSONValue) -> ByteBuffer { text(message.bytes) }

    static func text(_ bytes: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(bytes.count + 10)
        buffer.writeInteger(UInt8(0x81))
        if bytes.count <= largestSmall {
            buffer.writeInteger(UInt8(bytes.count))
        } else if bytes.count <= Int(UInt16.max) {
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(bytes.count))
        } else {
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(bytes.count))
        }
        buffer.writeBytes(bytes)
        return buffer
    }

    static let ping = ByteBuffer(bytes: [0x89, 0])

    static func pong(_ data: ByteBuffer) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [0x8A, UInt8(min(largestSmall, data.readableBytes))])
        buffer.writeImmutableBuffer(data)
        return buffer
    }

    /// - Parameter reason: of this program, so that it is short.
    static func close(_ code: UInt16, _ reason: String) -> ByteBuffer {
        let text = Array(reason.utf8.prefix(largestSmall - 2))
        var buffer = ByteBuffer(bytes: [0x88, UInt8(2 + text.count)])
        buffer.writeInteger(code)
        buffer.writeBytes(text)
        return buffer
    }

    /// RFC 6455, section 7.4.1, and the IANA registry.
    enum CloseCode: UInt16 {
        case normal = 1000
        case goingAway = 1001
        case protocolError = 1002
        case notText = 1003
        case notUTF8 = 1007
        case policy = 1008
        case tooBig = 1009
        case tryLater = 1013
    }

    /// Whether a client may send it.
    static func isValid(closeCode code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// What the host says on a socket.
enum SocketMessage {
    static func welcome(_ caller: Principal, position: Int64) -> JSONValue {
        [
            "type": "welcome", "user": .string(caller.name), "tenant": .init(caller.tenant),
            "position": .integer(position),
        ]
    }

    static func authenticate(seconds: Int64) -> JSONValue {
        ["type": "authenticate", "seconds": .integer(seconds)]
    }

    static func subscribed(_ channels: [SocketChannel], position: Int64, id: JSONValue?) -> JSONValue {
        message("subscribed", id, ["channels": list(channels), "position": .integer(position)])
    }

    static func unsubscribed(_ channels: [SocketChannel], reason: String? = nil, id: JSONValue? = nil) -> JSONValue {
        message("unsubscribed", id, ["channels": list(channels), "reason": reason.map { .string($0) }])
    }

    static func error(_ code: String, _ text: String, id: JSONValue? = nil) -> JSONValue {
        message("error", id, ["code": .string(code), "message": .string(text)])
    }

    static func pong(id: JSONValue?) -> JSONValue { message("pong", id, [:]) }

    /// Everything after `resumeAfter` may be missing: `subscribe` with `after` brings it.
    static func dropped(count: Int64, resumeAfter: Int64) -> JSONValue {
        ["type": "dropped", "count": .integer(count), "resume_after": .integer(resumeAfter)]
    }

    static func caughtUp(_ channels: [SocketChannel], position: Int64) -> JSONValue {
        message("caught_up", nil, ["channels": list(channels), "position": .integer(position)])
    }

    static func closing(resumeAfter: Int64) -> JSONValue {
        ["type": "closing", "resume_after": .integer(resumeAfter)]
    }

    static func metric(_ name: String, at: Instant, _ value: JSONValue) -> JSONValue {
        ["type": "metric", "channel": .string("system." + name), "at": .string(at.timestamp), "value": value]
    }

    private static func list(_ channels: [SocketChannel]) -> JSONValue { .array(channels.map { .string($0.name) }) }

    private static func message(_ type: String, _ id: JSONValue?, _ members: [String: JSONValue?]) -> JSONValue {
        var members = members.compactMapValues { $0 }
        members["type"] = .string(type)
        members["id"] = id
        return .object(members)
    }
}

/// What a client says.
enum SocketRequest {
    case authenticate(token: String)
    case subscribe([SocketChannel], after: Int64?)
    case unsubscribe([SocketChannel])
    case ping

    struct Invalid: Error {
        var code: String
        var message: String
    }

    private static let largestID = 64

    static func read(_ bytes: [UInt8]) throws(Invalid) -> (SocketRequest, id: JSONValue?) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(bytes, limits: .init(maximumBytes: 64 << 10, maximumDepth: 4))
        } catch {
            throw Invalid(code: "invalid_json", message: error.description)
        }
        let members = document.objectValue ?? [:], id = members["id"]
        if let id, (id.stringValue?.utf8.count ?? .max) > largestID, id.integerValue == nil {
            throw Invalid(code: "invalid", message: "id is a short text or a whole number")
        }
        return (try request(members), id)
    }

    private static func request(_ members: [String: JSONValue]) throws(Invalid) -> SocketRequest {
        switch members["type"]?.stringValue {
        case "auth":
            try check(members, ["token"])
            guard let token = members["token"]?.stringValue else {
                throw Invalid(code: "invalid", message: "auth needs a token")
            }
            return .authenticate(token: token)
        case "subscribe":
            try check(members, ["channel", "channels", "after"])
            let after = members["after"]
            guard after == nil || (after?.integerValue ?? -1) >= 0 else {
                throw Invalid(code: "invalid", message: "after is the position of an event, or 0")
            }
            return .subscribe(try channels(members), after: after?.integerValue)
        case "unsubscribe":
            try check(members, ["channel", "channels"])
            return .unsubscribe(try channels(members))
        case "ping":
            try check(members, [])
            return .ping
        default:
            throw Invalid(code: "invalid", message: "type is auth, subscribe, unsubscribe or ping")
        }
    }

    private static func check(_ members: [String: JSONValue], _ known: Set<String>) throws(Invalid) {
        if let unknown = members.keys.filter({ !known.contains($0) && $0 != "type" && $0 != "id" }).min() {
            throw Invalid(code: "invalid", message: "\(unknown) is unknown here")
        }
    }

    private static func channels(_ members: [String: JSONValue]) throws(Invalid) -> [SocketChannel] {
        let listed = members["channels"]?.arrayValue ?? members["channel"].map { [$0] } ?? []
        guard !listed.isEmpty, listed.count <= 64, members["channel"] == nil || members["channels"] == nil else {
            throw Invalid(code: "invalid", message: "name one channel, or up to 64 channels")
        }
        var channels: [SocketChannel] = []
        for name in listed {
            guard let channel = name.stringValue.flatMap({ SocketChannel($0) }) else {
                throw Invalid(
                    code: "unknown_channel",
                    message: "channels are events, events.TOPIC, runs.ID, approvals, departments and system.METRIC; "
                        + "* at the end stands for all below")
            }
            if !channels.contains(channel) { channels.append(channel) }
        }
        return channels
    }
}
