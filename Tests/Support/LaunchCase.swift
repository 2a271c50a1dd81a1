import Foundation
package import Kernel

/// The main job with its shipped input.
package enum LaunchCase {
    package static let task = "business/launch-case"

    /// The shipped input with its `{"$file": …}` members read.
    package static func input() throws -> [UInt8] {
        let folder = Built.checkout.appendingPathComponent("Plugins/Business/Examples")
        let document = try Data(contentsOf: folder.appendingPathComponent("launch-case.json"))
        return try resolved(JSONParser.parse(Array(document)), in: folder).bytes
    }

    private static func resolved(_ value: JSONValue, in folder: URL) throws -> JSONValue {
        switch value {
        case .object(let members):
            if members.count == 1, let name = members["$file"]?.stringValue {
                let text = try Data(contentsOf: folder.appendingPathComponent(name))
                return name.hasSuffix(".json")
                    ? try JSONParser.parse(Array(text)) : .string(String(decoding: text, as: UTF8.self))
            }
            return .object(try members.mapValues { try resolved($0, in: folder) })
        case .array(let elements): return .array(try elements.map { try resolved($0, in: folder) })
        default: return value
        }
    }

    /// The output without what names this one run: ids.
    package static func withoutIdentity(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            return .object(members.filter { !$0.key.hasSuffix("run_id") }.mapValues(withoutIdentity))
        case .array(let elements): return .array(elements.map(withoutIdentity))
        default: return value
        }
    }
}
