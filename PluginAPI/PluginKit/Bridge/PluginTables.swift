package import CBureau
import FoundationEssentials
import Synchronization

/// The C callbacks: they find the instance behind `impl` and hand over. None of them can throw or trap on what a
/// host sends.
package enum PluginTables {
    package typealias Plugin = UnsafeMutablePointer<bureau_plugin>

    /// Makes the C face of an instance; `destroy` frees both.
    package static func plugin(for instance: PluginInstance) -> Plugin {
        let plugin = Plugin.allocate(capacity: 1)
        plugin.initialize(
            to: bureau_plugin(
                struct_size: UInt32(MemoryLayout<bureau_plugin>.size), reserved: 0,
                impl: Unmanaged.passRetained(instance).toOpaque(),
                setup: { plugin, configuration in
                    PluginTables.instance(plugin)?.setup(configuration.copy) ?? BUREAU_E_INVALID
                },
                begin: { plugin, task in
                    guard let instance = PluginTables.instance(plugin), let task else { return BUREAU_E_INVALID }
                    return instance.begin(task.pointee)
                },
                cancel: { plugin, call, reason in PluginTables.instance(plugin)?.cancel(call, reason) },
                on_event: { plugin, event in
                    if let event { PluginTables.instance(plugin)?.receive(event.pointee) }
                },
                on_wake: { _, _ in },
                destroy: { PluginTables.destroy($0) },
                get_extension: { PluginTables.table($0, id: $1.copy) }))
        return plugin
    }

    private static func instance(_ plugin: Plugin?) -> PluginInstance? {
        plugin?.pointee.impl.map { Unmanaged<PluginInstance>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func destroy(_ plugin: Plugin?) {
        guard let plugin, let impl = plugin.pointee.impl else { return }
        plugin.deinitialize(count: 1)
        plugin.deallocate()
        Unmanaged<PluginInstance>.fromOpaque(impl).release()
    }

    private static func table(_ plugin: Plugin?, id: String) -> UnsafeRawPointer? {
        switch id {
        case BUREAU_PLUGIN_RELOAD: UnsafeRawPointer(reload.pointer)
        case BUREAU_PLUGIN_STATE: instance(plugin)?.stateTable.map { UnsafeRawPointer($0) }
        default: nil
        }
    }

    // MARK: Reload

    private static let reload = ImmortalTable(
        bureau_plugin_reload(
            struct_size: UInt32(MemoryLayout<bureau_plugin_reload>.size), reserved: 0,
            quiesce: { plugin, timeout in
                guard let instance = PluginTables.instance(plugin) else { return BUREAU_E_INVALID }
                instance.quiesce(timeoutMilliseconds: timeout)
                return BUREAU_OK
            },
            resume: { plugin in
                guard let instance = PluginTables.instance(plugin) else { return BUREAU_E_INVALID }
                instance.resume()
                return BUREAU_OK
            },
            probe: { PluginTables.instance($0)?.takesWork == true ? BUREAU_OK : BUREAU_E_BUSY }))

    // MARK: State

    /// One table for each schema version, that is one for each department in this library.
    private static let stateTables = Mutex<[UInt32: ImmortalTable<bureau_plugin_state>]>([:])

    static func state(schemaVersion: UInt32) -> UnsafePointer<bureau_plugin_state> {
        stateTables.withLock { tables in
            if let known = tables[schemaVersion] { return known }
            let made = ImmortalTable(
                bureau_plugin_state(
                    struct_size: UInt32(MemoryLayout<bureau_plugin_state>.size), schema_version: schemaVersion,
                    save: { PluginTables.save($0, $1) }, load: { PluginTables.load($0, $1, $2) }))
            tables[schemaVersion] = made
            return made
        }.pointer
    }

    private static func save(_ plugin: Plugin?, _ writer: UnsafePointer<bureau_writer>?) -> bureau_status {
        guard let instance = instance(plugin), let writer, let write = writer.pointee.write else {
            return BUREAU_E_INVALID
        }
        switch instance.save() {
        case .failure(let failure):
            return failure.status.rawValue < 0 ? failure.status.rawValue : BUREAU_E_INTERNAL
        case .success(let bytes):
            return bytes.withUnsafeBytes { bytes in
                var offset = 0
                while offset < bytes.count {
                    let taken = write(writer, bytes.baseAddress?.advanced(by: offset), UInt64(bytes.count - offset))
                    guard taken > 0, taken <= bytes.count - offset else {
                        return taken < 0 ? bureau_status(truncatingIfNeeded: taken) : BUREAU_E_IO
                    }
                    offset += Int(taken)
                }
                return BUREAU_OK
            }
        }
    }

    private static func load(
        _ plugin: Plugin?, _ schemaVersion: UInt32, _ reader: UnsafePointer<bureau_reader>?
    ) -> bureau_status {
        guard let instance = instance(plugin), let reader, let read = reader.pointee.read else {
            return BUREAU_E_INVALID
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = piece.withUnsafeMutableBytes { read(reader, $0.baseAddress, UInt64($0.count)) }
            guard count >= 0, count <= piece.count else {
                return count < 0 ? bureau_status(truncatingIfNeeded: count) : BUREAU_E_IO
            }
            if count == 0 { return instance.load(bytes, schemaVersion: schemaVersion) }
            guard bytes.count + Int(count) <= maximumStateBytes else { return BUREAU_E_TOO_LARGE }
            bytes.append(contentsOf: piece.prefix(Int(count)))
        }
    }

    private static let maximumStateBytes = 1 << 30
}

/// A C struct at an address that never changes and is never freed: a plugin is never unmapped.
///
/// @unchecked: written once before anyone sees the pointer.
package struct ImmortalTable<Table>: @unchecked Sendable {
    package let pointer: UnsafePointer<Table>

    package init(_ table: Table) {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        pointer = UnsafePointer(memory)
    }
}
