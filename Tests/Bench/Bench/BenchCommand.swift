import Foundation
import Kernel

/// Measures the bars that this machine can measure, each beside its reference in the same run.
///
///     bureau-bench WORK-FOLDER [PEER-RUNS-PER-SECOND [PART]]
///
/// The binaries and plugins are taken from beside this one. Prints JSON on standard output and a Markdown table in
/// WORK-FOLDER/bench.md; `scripts/bench` wraps it.
@main
struct BenchCommand {
    static func main() async throws {
        guard CommandLine.arguments.count >= 2 else {
            write("usage: bureau-bench WORK-FOLDER [PEER-RUNS-PER-SECOND [PART]]\n", to: .standardError)
            exit(2)
        }
        let folder = CommandLine.arguments[1]
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let peer = CommandLine.arguments.count > 2 ? Double(CommandLine.arguments[2]) : nil
        let bench = Bench(products: products.path, folder: folder, peerRunsPerSecond: peer)
        var rows: [Measurement] = []
        let only = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : ""
        for (title, part) in bench.parts where title.contains(only) || only.isEmpty {
            write("\(title) …\n", to: .standardError)
            rows += try await part()
        }
        let table = ([Measurement.markdownHead] + rows.map(\.markdown)).joined(separator: "\n") + "\n"
        try Data(table.utf8).write(to: URL(fileURLWithPath: "\(folder)/bench.md"))
        write(JSONValue.array(rows.map(\.json)).serialized(pretty: true) + "\n", to: .standardOutput)
    }

    private static func write(_ text: String, to handle: FileHandle) { handle.write(Data(text.utf8)) }
}

struct Bench: Sendable {
    let products: String
    let folder: String
    let peerRunsPerSecond: Double?

    typealias Part = @Sendable () async throws -> [Measurement]

    var parts: [(String, Part)] {
        [
            ("the boundary, inline", { try await inline() }), ("the boundary, worker", { try await worker() }),
            ("starting a worker", { try await workerStart() }), ("durable runs", { try await durable() }),
            ("ten thousand agents", { try await agents() }), ("starting the host", { try await hostStart() }),
            ("recovery", { try await recovery() }), ("money", { try await money() }),
            ("the audit log", { try await audit() }),
            ("reloading", { try await reloading() }), ("what reloads leave behind", { try await reloadSoak() }),
            ("the model gateway", { try await gateway() }),
            ("provider calls through the egress process", { try await egress() }),
            ("http", { try await http() }), ("websockets", { try await webSockets() }),
        ]
    }

    var workerPath: String { "\(products)/bureau-worker" }
    var echoPath: String { "\(products)/libBenchEcho.so" }
    var departments: [String] {
        ["Research", "Finance", "Business", "Engineering", "Council"].map { "\(products)/libDepartment\($0).so" }
    }

    struct Failed: Error { var text: String }
}
