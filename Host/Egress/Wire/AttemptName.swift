/// An attempt's name, `run/sequence/attempt`: the key under which an exchange is performed at most once.
package enum AttemptName {
    package static let maximumBytes = 128

    /// Nil for a name that could not stand as a file's.
    package static func fileName(_ attempt: String) -> String? {
        let isPlain = attempt.utf8.allSatisfy {
            switch $0 {
            case 48...57, 65...90, 97...122, 45, 95, 47: true
            default: false
            }
        }
        guard isPlain, (1...maximumBytes).contains(attempt.utf8.count) else { return nil }
        return attempt.replacing("/", with: "+") + suffix
    }

    /// Nil for a file that is no spool.
    package static func attempt(ofFile name: String) -> String? {
        guard name.hasSuffix(suffix) else { return nil }
        let attempt = String(name.dropLast(suffix.count)).replacing("+", with: "/")
        return fileName(attempt) == name ? attempt : nil
    }

    private static let suffix = ".spool"
}
