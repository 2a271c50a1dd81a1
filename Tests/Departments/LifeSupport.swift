import Foundation
import Life
import PluginKit
import PluginTesting
import TestSupport
import Testing

/// Runs tasks of Life as a host does: JSON in, JSON out.
enum LifeRun {
    static func run(_ task: String, _ json: String) async throws -> JSONValue {
        try await TaskHarness(Life.self).run(task, input: try parse(json))
    }

    static func run(_ task: String, _ input: JSONValue) async throws -> JSONValue {
        try await TaskHarness(Life.self).run(task, input: input)
    }

    static func parse(_ json: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    }

    static func example(_ name: String) throws -> JSONValue {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Plugins/Life/Examples/\(name).json"))
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    static func failure(_ task: String, _ json: String) async throws -> TaskFailure? {
        do {
            _ = try await run(task, json)
            return nil
        } catch let failure as TaskFailure {
            return failure
        }
    }
}

extension JSONValue {
    /// `a/0/b`: what stands there, or nil.
    func at(_ path: String) -> JSONValue? {
        path.split(separator: "/").reduce(Optional(self)) { value, part in
            if let index = Int(part), let elements = value?.arrayValue {
                return elements.indices.contains(index) ? elements[index] : nil
            }
            return value?[String(part)]
        }
    }

    func number(_ path: String) -> Double { at(path)?.doubleValue ?? .nan }
    func text(_ path: String) -> String { at(path)?.stringValue ?? "" }
    func list(_ path: String) -> [JSONValue] { at(path)?.arrayValue ?? [] }
}

func near(_ left: Double, _ right: Double, _ tolerance: Double = 1e-9) -> Bool {
    abs(left - right) <= tolerance * max(1, abs(right))
}

/// A printed seed, or the one of the environment.
func lifeSeed(_ name: String) -> UInt64 {
    let seed =
        ProcessInfo.processInfo.environment["BUREAU_TEST_SEED"].flatMap(UInt64.init)
        ?? UInt64.random(in: 0...UInt64.max)
    FileHandle.standardError.write(Data("\(name): BUREAU_TEST_SEED=\(seed)\n".utf8))
    return seed
}
