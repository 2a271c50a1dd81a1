import Foundation
import Kernel
import TestSupport

/// The plugins, compiled with the compiler of the machine.
enum HostilePlugins {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// Puts `<name>.so` of each act into the folder.
    static func build(_ acts: [Act], into folder: String) throws {
        let commands = acts.map { act in
            let plugin = "\(folder)/\(act.name).so"
            return
                (["cc", "-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread"]
                + includes + ["-DACT=\(act.name)"] + act.defines.map { "-D" + $0 }
                + [here.appendingPathComponent("Plugins/\(act.source).c").path, "-Wl,-z,nodelete", "-o", plugin])
                .map { "'" + $0.replacingOccurrences(of: "'", with: #"'\''"#) + "'" }.joined(separator: " ")
        }
        let list = folder + "/commands"
        try Data(commands.joined(separator: "\0").utf8).write(to: URL(fileURLWithPath: list))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xargs", "-0", "-a", list, "-P", "4", "-I{}", "sh", "-c", "{}"]
        try process.runAlone()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(.internal, "cc could not build a hostile plugin") }
        try FileManager.default.removeItem(atPath: list)
    }

    private static let includes = ["PluginAPI/CBureau/include", "Tests/Placement/BadPlugins"].flatMap {
        ["-I", Built.checkout.appendingPathComponent($0).path]
    }

    /// What lies in a plugin folder and is no plugin, with what the host says of it.
    static func litter(_ folder: String, target: String) throws -> [(name: String, says: String)] {
        let files = FileManager.default
        func link(_ name: String, to target: String) throws {
            try files.createSymbolicLink(atPath: "\(folder)/\(name).so", withDestinationPath: target)
        }
        mkfifo("\(folder)/fifo.so", 0o600)
        try files.createDirectory(atPath: "\(folder)/directory.so", withIntermediateDirectories: false)
        try link("dangling", to: "/nowhere/at/all.so")
        try link("circle", to: "circle.so")
        try link("device", to: "/dev/zero")
        try link("memory", to: "/proc/self/mem")
        try Data().write(to: URL(fileURLWithPath: "\(folder)/empty.so"))
        try Data("#!/bin/sh\necho owned\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/script.so"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: target))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: "\(folder)/half.so"))
        return [
            ("fifo", "not a regular file"), ("dangling", "No such file"),
            ("circle", "symbolic links"), ("device", "not a regular file"), ("memory", "Input/output error"),
            ("empty", "not an ELF file"),
            ("script", "not an ELF file"), ("half", "malformed ELF file"),
        ]
    }
}
