public import CBureau
import FoundationEssentials
import Glibc
import Synchronization

extension Department {
    /// The descriptor of this department: all that an entry function returns. Null, with the reason on standard
    /// error, when the manifest cannot be built.
    public static func entry(_ host: UnsafePointer<bureau_host_info>?) -> UnsafePointer<bureau_entry>? {
        switch PluginRegistry.entry(for: Self.self) {
        case .success(let entry): return entry.pointer
        case .failure(let failure):
            let line = "\(manifest.id): no manifest: \(failure.message)\n"
            _ = Array(line.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return nil
        }
    }
}

/// The departments of this library. A C `create` gets no context, so each department has a create function of its
/// own out of a fixed set. A plugin has one department; a test may link a few more.
package enum PluginRegistry {
    private typealias Make = @Sendable (UnsafePointer<bureau_host>) -> PluginInstance
    typealias Create =
        @convention(c) (
            UnsafePointer<bureau_host>?, UnsafeMutablePointer<UnsafeMutablePointer<bureau_plugin>?>?
        ) -> bureau_status

    private struct Registered {
        var type: any Department.Type
        var entry: ImmortalTable<bureau_entry>
        var make: Make
    }

    private static let registered = Mutex<[Registered]>([])

    private static let creates: [Create] = [
        { create(0, $0, $1) }, { create(1, $0, $1) }, { create(2, $0, $1) }, { create(3, $0, $1) },
        { create(4, $0, $1) }, { create(5, $0, $1) }, { create(6, $0, $1) }, { create(7, $0, $1) },
        { create(8, $0, $1) }, { create(9, $0, $1) }, { create(10, $0, $1) }, { create(11, $0, $1) },
        { create(12, $0, $1) }, { create(13, $0, $1) }, { create(14, $0, $1) }, { create(15, $0, $1) },
    ]

    static func entry<D: Department>(for type: D.Type) -> Result<ImmortalTable<bureau_entry>, TaskFailure> {
        do throws(TaskFailure) {
            return .success(try register(type))
        } catch {
            return .failure(error)
        }
    }

    private static func register<D: Department>(_ type: D.Type) throws(TaskFailure) -> ImmortalTable<bureau_entry> {
        if let known = registered.withLock({ $0.first { $0.type == type } }) { return known.entry }
        let manifest = try ManifestBuilder.json(for: type)
        let definitions = Dictionary(uniqueKeysWithValues: type.tasks.map { ($0.name, $0) })
        let entry = registered.withLock { all -> ImmortalTable<bureau_entry>? in
            if let known = all.first(where: { $0.type == type }) { return known.entry }
            guard all.count < creates.count else { return nil }
            let entry = ImmortalTable(descriptor(type.manifest, manifest, create: creates[all.count]))
            all.append(
                Registered(type: type, entry: entry) { Instance<D>(host: $0, definitions: definitions) })
            return entry
        }
        guard let entry else { throw .tooLarge("a library holds at most \(creates.count) departments") }
        return entry
    }

    private static func descriptor(
        _ manifest: DepartmentManifest, _ json: Data, create: @escaping Create
    ) -> bureau_entry {
        bureau_entry(
            struct_size: UInt32(MemoryLayout<bureau_entry>.size),
            abi_major: UInt16(BUREAU_ABI_MAJOR), abi_minor: UInt16(BUREAU_ABI_MINOR),
            min_host_minor: 0, reserved: 0, reserved2: 0,
            id: immortal(manifest.id), version: immortal(manifest.version), toolchain: immortal(Toolchain.name),
            manifest_json: immortal(json), create: create)
    }

    private static func create(
        _ index: Int, _ host: UnsafePointer<bureau_host>?,
        _ out: UnsafeMutablePointer<UnsafeMutablePointer<bureau_plugin>?>?
    ) -> bureau_status {
        guard let host, let out else { return BUREAU_E_INVALID }
        let make = registered.withLock { $0.indices.contains(index) ? $0[index].make : nil }
        guard let make else { return BUREAU_E_INTERNAL }
        out.pointee = PluginTables.plugin(for: make(host))
        return BUREAU_OK
    }

    private static func immortal(_ text: String) -> bureau_str {
        let bytes = immortal(Data(text.utf8))
        return bureau_str(
            ptr: bytes.ptr.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, len: bytes.len)
    }

    private static func immortal(_ data: Data) -> bureau_buf {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: data.count + 1)
        memory.initialize(repeating: 0, count: data.count + 1)
        data.copyBytes(to: memory, count: data.count)
        return bureau_buf(ptr: UnsafePointer(memory), len: UInt64(data.count))
    }
}
