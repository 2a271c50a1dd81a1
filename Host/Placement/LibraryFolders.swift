import CLane

/// Where plugins' libraries lie.
enum LibraryFolders {
    /// The folder of the Swift runtime that this process itself runs on: plugins are built against the same.
    static let swiftRuntime: [String] = {
        let capacity = 4096
        let folder = String(unsafeUninitializedCapacity: capacity) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                guard lane_library_folder("libswiftCore.so", text.baseAddress, UInt32(capacity)) == 0 else { return 0 }
                return text.firstIndex(of: 0) ?? 0
            }
        }
        return folder.isEmpty ? [] : [folder]
    }()
}
