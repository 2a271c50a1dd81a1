/// Where a plugin was when a signal ended it. From the plugin's own process, so every word of it may be a lie: good
/// for people, and never more than a reason to run one task alone.
package struct CrashReport: Hashable, Sendable {
    package struct Frame: Hashable, Sendable {
        /// File name of the library.
        package var module: String
        /// From the start of the file's addresses.
        package var offset: UInt64
        package var symbol: String?
        package var symbolOffset: UInt64
        /// Found by looking through the stack, not by following it: may be of an earlier call.
        package var isGuess: Bool

        package init(
            module: String, offset: UInt64, symbol: String? = nil, symbolOffset: UInt64 = 0, isGuess: Bool = false
        ) {
            self.module = module
            self.offset = offset
            self.symbol = symbol
            self.symbolOffset = symbolOffset
            self.isGuess = isGuess
        }

        /// As debuggers write it: greeter.so`rank+0x14.
        package var description: String {
            guard let symbol else { return "\(module)+0x\(String(offset, radix: 16))" }
            return "\(module)`\(symbol)" + (symbolOffset == 0 ? "" : "+0x\(String(symbolOffset, radix: 16))")
        }
    }

    package static let maximumFrames = 64

    package var signal: Int32
    /// The signal's own detail (`si_code`).
    package var code: Int32
    /// The address that the program used wrongly.
    package var address: UInt64?
    package var thread: String
    /// Innermost first.
    package var frames: [Frame]
    /// The place in the list of the first frame in the plugin's own code.
    package var ownFrame: Int?

    package init(
        signal: Int32, code: Int32 = 0, address: UInt64? = nil, thread: String = "", frames: [Frame] = [],
        ownFrame: Int? = nil
    ) {
        self.signal = signal
        self.code = code
        self.address = address
        self.thread = thread
        self.frames = frames
        self.ownFrame = ownFrame
    }

    /// One line: signal 11 (SIGSEGV) at 0x0 in greeter.so`rank+0x14.
    package var headline: String {
        var text = "signal \(signal) (\(SignalName.of(signal)))"
        if let address { text += " at 0x\(String(address, radix: 16))" }
        let place = ownFrame.flatMap { frames.indices.contains($0) ? frames[$0] : nil } ?? frames.first
        if let place { text += " in \(place.description)" }
        return text
    }
}

// MARK: - As a document

extension CrashReport {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "signal": .integer(Int64(signal)), "signal_name": .string(SignalName.of(signal)),
            "code": .integer(Int64(code)), "thread": .string(thread), "headline": .string(headline),
            "frames": .array(frames.map(\.json)),
        ]
        if let address { members["address"] = .string("0x" + String(address, radix: 16)) }
        if let ownFrame { members["own_frame"] = .integer(Int64(ownFrame)) }
        return .object(members)
    }

    /// Nil for what ``json`` never wrote.
    package init?(json: JSONValue) {
        guard let signal = json["signal"]?.integerValue.flatMap(Int32.init(exactly:)),
            let code = json["code"]?.integerValue.flatMap(Int32.init(exactly:)),
            let frames = json["frames"]?.arrayValue, frames.count <= Self.maximumFrames
        else { return nil }
        self.init(
            signal: signal, code: code, address: json["address"]?.stringValue.flatMap(Self.number),
            thread: json["thread"]?.stringValue ?? "", frames: frames.compactMap(Frame.init(json:)),
            ownFrame: json["own_frame"]?.integerValue.flatMap(Int.init(exactly:)))
    }

    fileprivate static func number(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
    }
}

extension CrashReport.Frame {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "module": .string(module), "offset": .string("0x" + String(offset, radix: 16)),
        ]
        if let symbol {
            members["symbol"] = .string(symbol)
            members["symbol_offset"] = .string("0x" + String(symbolOffset, radix: 16))
        }
        if isGuess { members["guess"] = true }
        return .object(members)
    }

    fileprivate init?(json: JSONValue) {
        guard let module = json["module"]?.stringValue,
            let offset = json["offset"]?.stringValue.flatMap(CrashReport.number)
        else { return nil }
        self.init(
            module: module, offset: offset, symbol: json["symbol"]?.stringValue,
            symbolOffset: json["symbol_offset"]?.stringValue.flatMap(CrashReport.number) ?? 0,
            isGuess: json["guess"]?.boolValue ?? false)
    }
}
