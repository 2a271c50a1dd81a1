import Foundation
import Kernel

/// Where a provider's key comes from. It is read for every call, so that a new key is used at once, and is kept
/// nowhere: not in settings, logs, errors or the journal.
package enum ProviderKey: Sendable, CustomStringConvertible {
    /// A server that wants none.
    case none
    /// The name of an environment variable.
    case environment(String)
    /// A file with the key alone in it.
    case file(String)
    case closure(@Sendable () -> String?)

    package var description: String {
        switch self {
        case .none: "no key"
        case .environment(let name): "the key in the environment variable \(name)"
        case .file(let path): "the key in the file \(path)"
        case .closure: "the key of the key store"
        }
    }

    var isNone: Bool { if case .none = self { true } else { false } }

    /// Nil only for ``none``.
    func read() throws(Failure) -> String? {
        let text: String?
        switch self {
        case .none: return nil
        case .environment(let name): text = ProcessInfo.processInfo.environment[name]
        case .file(let path):
            text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        case .closure(let read): text = read()
        }
        let key = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty else { throw Failure(.denied, "\(self) is missing or empty") }
        guard key.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw Failure(.denied, "\(self) holds characters that no key has")
        }
        return key
    }
}
