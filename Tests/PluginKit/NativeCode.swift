import CBureau
import Foundation
import TestSupport
import Glibc
import Testing

/// Compiles C at test time and loads what comes out.
enum NativeCode {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let headers = root.appendingPathComponent("PluginAPI/CBureau/include").path

    /// A directory of this test's own.
    static func temporaryDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("bureau-native-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    /// What the compiler says; empty and 0 when all is well.
    static func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.runAlone()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Compiles one C file as a plugin and calls its entry function. The library stays loaded.
    static func plugin(at source: URL, in directory: URL) throws -> UnsafePointer<bureau_entry> {
        let library = directory.appendingPathComponent("plugin.so").path
        let (status, output) = try run(
            "cc",
            ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-fPIC", "-shared"]
                + ["-fvisibility=hidden", "-I", headers, source.path, "-pthread", "-Wl,-z,nodelete", "-o", library])
        try #require(status == 0, "\(output)")
        let handle = try #require(dlopen(library, RTLD_NOW | RTLD_LOCAL), "\(String(cString: dlerror()))")
        let symbol = try #require(dlsym(handle, "bureau_plugin_entry_v1"))
        typealias Entry = @convention(c) (UnsafePointer<bureau_host_info>?) -> UnsafePointer<bureau_entry>?
        return try #require(unsafeBitCast(symbol, to: Entry.self)(nil))
    }
}
