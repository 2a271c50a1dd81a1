import Foundation

/// Changes a closed store behind the host's back, with Python's SQLite.
enum Tampering {
    /// Runs one statement with the guards removed.
    static func run(_ folder: String, _ statement: String) throws {
        let error = try python(folder, ["--unguarded", statement])
        guard error.isEmpty else { throw Missing(description: error) }
    }

    /// What SQLite says when the statement runs with the guards in place.
    static func refusal(_ folder: String, _ statement: String) throws -> String {
        try python(folder, ["--guarded", statement])
    }

    /// Copies the store once for each column of each table, with one value changed in it, and for each table, with a
    /// row removed. Returns copy and description of each.
    static func everyColumn(_ folder: String, into target: String) throws -> [(folder: String, change: String)] {
        let output = try python(folder, ["--every-column", target])
        return try output.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Missing(description: output) }
            return (target + "/" + parts[0], parts[1])
        }
    }

    private static func python(_ folder: String, _ arguments: [String]) throws -> String {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("tamper.py")
        let child = try ChildProcess("/usr/bin/env", ["python3", script.path, folder + "/journal.sqlite"] + arguments)
        return child.remainingLines().joined(separator: "\n")
    }
}
