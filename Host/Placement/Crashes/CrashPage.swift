import CLane
import Kernel

/// What a dying worker wrote about itself (`clane/crash.h`), copied once. Numbers and texts of an untrusted process:
/// here they get bounds, and no number of it is ever used as an address or an index without a check.
struct CrashPage: Sendable {
    struct Module: Sendable {
        var bias: UInt64
        var range: Range<UInt64>
        /// Which of the files that the worker was given; nil for the system's libraries.
        var plugin: Int?
        var name: String
    }

    let signal: Int32
    let code: Int32
    let address: UInt64?
    /// The place of the fault, then return addresses, innermost first.
    let addresses: [UInt64]
    /// From here on addresses were found by looking through the stack.
    let guessesFrom: Int
    let thread: String
    let modules: [Module]
    /// The call whose callback ran on the thread that died; nil when none did.
    let call: CallID?
    let instance: InstanceID?
    /// Whose callback that was, by the order of the files that the worker was given.
    let lane: Int?

    /// Nil when nothing was reported.
    init?(reading descriptor: Int32) {
        var page = lane_crash()
        guard lane_crash_read(descriptor, &page) == 1 else { return nil }
        signal = page.signal
        code = page.code
        address = page.has_address == 0 ? nil : page.address
        let frames = withUnsafeBytes(of: page.frames) { Array($0.bindMemory(to: UInt64.self)) }
        addresses = [page.pc] + frames.prefix(Int(page.frame_count))
        guessesFrom = Int(page.found_from) + 1
        thread = Self.text(withUnsafeBytes(of: page.thread) { Array($0) })
        let objects = withUnsafeBytes(of: page.objects) { Array($0.bindMemory(to: lane_crash_object.self)) }
        modules = objects.prefix(Int(page.object_count)).compactMap(Self.module)
        call = page.call == 0 ? nil : CallID(page.call)
        instance = UInt32(exactly: page.instance).map(InstanceID.init)
        lane = page.lane == 0 ? nil : Int(page.lane) - 1
    }

    private static func module(_ object: lane_crash_object) -> Module? {
        guard object.start < object.end else { return nil }
        return Module(
            bias: object.bias, range: object.start..<object.end,
            plugin: object.plugin == 0 ? nil : Int(object.plugin) - 1,
            name: text(withUnsafeBytes(of: object.name) { Array($0) }))
    }

    /// For people's eyes: printable ASCII only.
    static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { (32...126).contains($0) ? $0 : 63 }, as: UTF8.self)
    }
}

extension CrashPage {
    /// The lane whose code was running: its callback's, or else that of the innermost frame that is a plugin's own and
    /// no guess. Nil when nothing tells; never checked against how many there are.
    var guiltyLane: Int? {
        if let lane { return lane }
        for (index, address) in addresses.prefix(guessesFrom).enumerated() {
            let place = index == 0 || address == 0 ? address : address - 1
            if let plugin = modules.first(where: { $0.range.contains(place) })?.plugin { return plugin }
        }
        return nil
    }

    /// - Parameter plugins: the name and the symbols of each file that the worker was given.
    func report(plugins: [(name: String, symbols: ELFSymbols?)]) -> CrashReport {
        var report = CrashReport(signal: signal, code: code, address: address, thread: thread)
        for (index, address) in addresses.enumerated() where report.frames.count < CrashReport.maximumFrames {
            // A return address is behind the call; the call is what people look for.
            let place = index == 0 || address == 0 ? address : address - 1
            guard let module = modules.first(where: { $0.range.contains(place) }) else {
                if index == 0 { report.frames.append(CrashReport.Frame(module: "?", offset: address)) }
                continue
            }
            let offset = place &- module.bias
            var frame = CrashReport.Frame(
                module: module.name, offset: offset, isGuess: index >= guessesFrom)
            if let plugin = module.plugin, plugins.indices.contains(plugin) {
                frame.module = plugins[plugin].name
                if let symbol = plugins[plugin].symbols?.symbol(at: offset) {
                    frame.symbol = SymbolName.readable(symbol.name)
                    frame.symbolOffset = symbol.distance
                }
                if report.ownFrame == nil { report.ownFrame = report.frames.count }
            }
            report.frames.append(frame)
        }
        return report
    }
}
