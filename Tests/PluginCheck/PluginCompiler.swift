import Foundation
import TestSupport

/// Makes a plugin of a C file of this folder. Lines that begin so say how it differs from a usual library:
///
///     // flags: options for the compiler; `unloadable` leaves -z nodelete out
///     // patch: offset=bytes in hexadecimal, written over the finished file
///     // append: how many bytes of 0 follow it
struct PluginCompiler {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    let scratch: Scratch

    func library(_ name: String, of source: String) async throws -> String {
        let path = Self.folder.appendingPathComponent(source)
        let text = try String(contentsOf: path, encoding: .utf8)
        func directive(_ word: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix("// \(word): ") }.map {
                String($0.dropFirst(word.count + 5))
            }
        }
        let output = scratch.folder("\(name).so")
        var flags = directive("flags").map { $0.split(separator: " ").map(String.init) } ?? []
        if flags != ["unloadable"] { flags.append("-Wl,-z,nodelete") }
        flags.removeAll { $0 == "unloadable" }
        try await compile(path.path, to: output, flags)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: output))
        if let patch = directive("patch")?.split(separator: "="), let offset = Int(patch[0]) {
            for (index, digits) in stride(from: 0, to: patch[1].count, by: 2).enumerated() {
                bytes[offset + index] = UInt8(patch[1].dropFirst(digits).prefix(2), radix: 16) ?? 0
            }
        }
        bytes.append(Data(count: directive("append").flatMap { Int($0) } ?? 0))
        try bytes.write(to: URL(fileURLWithPath: output))
        return output
    }

    private func compile(_ source: String, to output: String, _ flags: [String]) async throws {
        let headers = Built.checkout.appendingPathComponent("PluginAPI/CBureau/include").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Warnings are off: some of these are wrong on purpose.
        process.arguments =
            [
                "cc", "-std=gnu11", "-O0", "-w", "-shared", "-fPIC", "-fvisibility=hidden", "-I", headers, "-x", "c",
                source,
                "-o", output,
            ] + flags
        let end = await withCheckedContinuation { (waiter: CheckedContinuation<Int32?, Never>) in
            process.terminationHandler = { waiter.resume(returning: $0.terminationStatus) }
            do {
                try process.runAlone()
            } catch {
                process.terminationHandler = nil
                waiter.resume(returning: nil)
            }
        }
        guard end == 0 else { throw CompilerFailure(source: source) }
    }
}

struct CompilerFailure: Error { let source: String }
