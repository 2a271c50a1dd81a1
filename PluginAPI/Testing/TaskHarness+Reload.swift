import CBureau
import Dispatch
import FoundationEssentials
public import PluginKit

extension TaskHarness {
    /// What the plugin hands to its next generation; ``FailureStatus/unsupported`` when it has no state.
    public func saveState() throws(TaskFailure) -> (bytes: [UInt8], schemaVersion: UInt32) {
        let sink = ByteSink()
        var schemaVersion: UInt32 = 0
        try onTable(BUREAU_PLUGIN_STATE) { (plugin, table: UnsafePointer<bureau_plugin_state>) in
            schemaVersion = table.pointee.schema_version
            var writer = bureau_writer(
                struct_size: UInt32(MemoryLayout<bureau_writer>.size), reserved: 0,
                impl: Unmanaged.passUnretained(sink).toOpaque(),
                write: { writer, source, length in
                    guard let sink = writer?.pointee.impl, let source else { return Int64(BUREAU_E_INVALID) }
                    // Short on purpose: a plugin must cope with it.
                    let taken = min(Int(clamping: length), 1_000)
                    Unmanaged<ByteSink>.fromOpaque(sink).takeUnretainedValue().bytes += UnsafeRawBufferPointer(
                        start: source, count: taken)
                    return Int64(taken)
                })
            return table.pointee.save?(plugin, &writer) ?? BUREAU_E_UNSUPPORTED
        }
        return (sink.bytes, schemaVersion)
    }

    /// Before the first task.
    public func loadState(_ bytes: [UInt8], schemaVersion: UInt32) throws(TaskFailure) {
        let source = ByteSink()
        source.bytes = bytes
        try onTable(BUREAU_PLUGIN_STATE) { (plugin, table: UnsafePointer<bureau_plugin_state>) in
            var reader = bureau_reader(
                struct_size: UInt32(MemoryLayout<bureau_reader>.size), reserved: 0,
                impl: Unmanaged.passUnretained(source).toOpaque(),
                read: { reader, destination, capacity in
                    guard let source = reader?.pointee.impl, let destination else { return Int64(BUREAU_E_INVALID) }
                    let pending = Unmanaged<ByteSink>.fromOpaque(source).takeUnretainedValue()
                    let piece = pending.bytes.prefix(min(Int(clamping: capacity), 1_000))
                    piece.withUnsafeBytes { piece in
                        if let start = piece.baseAddress { destination.copyMemory(from: start, byteCount: piece.count) }
                    }
                    pending.bytes.removeFirst(piece.count)
                    return Int64(piece.count)
                })
            return table.pointee.load?(plugin, schemaVersion, &reader) ?? BUREAU_E_UNSUPPORTED
        }
    }

    /// Tells the plugin to take no more work and to end what it has within the limit.
    public func quiesce(timeoutMilliseconds: UInt64) throws(TaskFailure) {
        try onTable(BUREAU_PLUGIN_RELOAD) { (plugin, table: UnsafePointer<bureau_plugin_reload>) in
            table.pointee.quiesce?(plugin, timeoutMilliseconds) ?? BUREAU_E_UNSUPPORTED
        }
    }

    /// Takes ``quiesce(timeoutMilliseconds:)`` back.
    public func resumeWork() throws(TaskFailure) {
        try onTable(BUREAU_PLUGIN_RELOAD) { (plugin, table: UnsafePointer<bureau_plugin_reload>) in
            table.pointee.resume?(plugin) ?? BUREAU_E_UNSUPPORTED
        }
    }

    /// Throws when the plugin would not take work now.
    public func probe() throws(TaskFailure) {
        try onTable(BUREAU_PLUGIN_RELOAD) { (plugin, table: UnsafePointer<bureau_plugin_reload>) in
            table.pointee.probe?(plugin) ?? BUREAU_E_UNSUPPORTED
        }
    }

    private func onTable<Table>(
        _ id: String,
        _ body: (UnsafeMutablePointer<bureau_plugin>, UnsafePointer<Table>) -> bureau_status
    ) throws(TaskFailure) {
        let status = host.lane.sync { () -> bureau_status in
            guard let plugin = host.plugin,
                let raw = withBorrowed(id, { plugin.pointee.get_extension?(plugin, $0) ?? nil })
            else { return BUREAU_E_UNSUPPORTED }
            return body(plugin, raw.assumingMemoryBound(to: Table.self))
        }
        if status != BUREAU_OK { throw TaskFailure(FailureStatus(rawValue: status), "the plugin answered \(id) so") }
    }
}

private final class ByteSink {
    var bytes: [UInt8] = []
}
