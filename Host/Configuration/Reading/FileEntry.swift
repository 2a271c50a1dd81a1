import Kernel

/// A value of a file and where it stands.
package struct FileEntry: Hashable, Sendable {
    /// The names that lead to it.
    package var path: [String]
    package var text: GivenText
    /// From 1; nil where the format does not say.
    package var line: Int?

    package var key: String { path.joined(separator: ".") }
}

/// Something wrong with a source, for one line of the error stream.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or the variable's name.
    package var source: String
    package var line: Int?
    package var message: String

    package init(_ source: String, line: Int? = nil, _ message: String) {
        self.source = source
        self.line = line
        self.message = message
    }

    package var description: String { "\(source):\(line.map { "\($0):" } ?? "") \(message)" }
}

package struct ConfigurationProblems: Error, Hashable, Sendable {
    package var all: [ConfigurationProblem]
    package init(_ all: [ConfigurationProblem]) { self.all = all }
}
