import Engine
import Foundation
import Journal
import Kernel
import Placement
import TestSupport
import Testing

/// Libraries compiled for these tests, and their functions as tools.
enum NativeStage {
    static let scratch = Result { try Scratch() }
    static let values = Result { try compile(["-O1"], source: try source("values.c"), name: "libvalues.so") }

    static func source(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Libraries")
        return folder.appendingPathComponent(name).path
    }

    static func compile(_ options: [String], source: String, name: String) throws -> String {
        let target = try scratch.get().folder(name)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let arguments = ["cc", "-std=gnu11", "-shared", "-fPIC"] + options + [source, "-o", target]
        compiler.arguments = arguments
        try compiler.runAlone()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Failure(.internal, "cc could not build \(source)") }
        return target
    }

    static let libm = "/lib/x86_64-linux-gnu/libm.so.6"

    static func placement() throws -> Placement {
        var settings = PlacementSettings()
        settings.graceMilliseconds = 300
        settings.backoffMinimumMilliseconds = 1
        settings.backoffMaximumMilliseconds = 5
        return try Placement(workerPath: Built.binary("bureau-worker").path, settings: settings)
    }

    /// The functions of one library, each as the tool of its symbol.
    static func tools(
        _ path: String, _ signatures: [String], timeoutMilliseconds: Int64 = 60_000, digest: Digest? = nil,
        followsUpgrades: Bool = true
    ) throws -> NativeTools {
        let bindings = try signatures.map { text in
            ToolBindingRecord(
                name: try NativeSignature(text).symbol, path: path,
                digest: digest ?? Digest(bytes: Array(repeating: 0, count: 32)), signature: text, summary: "",
                hasSideEffects: false, followsUpgrades: followsUpgrades, timeoutMilliseconds: timeoutMilliseconds,
                boundAt: Instant(unixMilliseconds: 0))
        }
        return NativeTools(placement: try placement(), bindings: bindings, plugins: [])
    }

    /// Calls one function with a JSON object.
    static func call(_ tools: NativeTools, _ symbol: String, _ arguments: JSONValue) async throws -> JSONValue {
        let tool = try #require(tools.tools.first { $0.name == symbol })
        let result = try await tool.call(arguments)
        let violations = try JSONSchema(tool.resultSchema).validate(result)
        #expect(violations.isEmpty, "\(symbol): \(violations)")
        return result
    }
}
