import Glibc
import Kernel

/// Makes a task's input of what `--input` names: inline JSON, a `.json` file, `-` for standard input, or a folder,
/// which becomes `{"path": "<absolute>"}`.
///
/// In a file, `{"$file": "relative/path"}` stands for the content of that file: the parsed document of a `.json`
/// file, the text of any other. All that is wrong is told at once, by JSON pointer.
struct InputReader {
    static let maximumBytes = 16 << 20
    /// A file that includes files may go so deep.
    private static let maximumDepth = 8

    /// Where standard input comes from; a file in tests.
    var standardInput: Int32 = STDIN_FILENO

    func read(_ argument: String?) throws(CommandFailure) -> [UInt8] {
        guard let argument else { return JSONValue.object([:]).bytes }
        if argument == "-" {
            switch FilePath.read(standardInput, name: "standard input", maximumBytes: Self.maximumBytes) {
            case .success(let bytes): return try parse(bytes, name: "standard input").bytes
            case .failure(let problem): throw CommandFailure(.badInput, problem.text)
            }
        }
        if argument.first(where: { !$0.isWhitespace }) == "{" {
            return try parse(Array(argument.utf8), name: "--input").bytes
        }
        let path = FilePath.absolute(argument)
        if FilePath.isFolder(path) {
            return JSONValue.object(["path": .string(FilePath.link(path) ?? path)]).bytes
        }
        guard argument.hasSuffix(".json") else {
            guard FilePath.exists(path) else {
                throw CommandFailure(.badInput, FileProblem(path: argument, number: ENOENT).text)
            }
            throw CommandFailure(.badInput, "\(argument): the input must be JSON, a .json file, a folder, or -")
        }
        var problems: [String] = []
        let document = load(path, shown: argument, at: JSONPointer(), depth: 0, &problems)
        guard problems.isEmpty else { throw CommandFailure(.badInput, lines: problems) }
        return document.bytes
    }

    /// The folder that an argument names, if it names one.
    static func folder(_ argument: String?) -> String? {
        argument.map(FilePath.absolute).flatMap { FilePath.isFolder($0) ? FilePath.link($0) ?? $0 : nil }
    }

    private func parse(_ bytes: [UInt8], name: String) throws(CommandFailure) -> JSONValue {
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure(.badInput, "\(name) is not JSON: \(error.description)")
        }
    }

    /// A JSON file with its files in it.
    private func load(
        _ path: String, shown: String, at pointer: JSONPointer, depth: Int, _ problems: inout [String]
    ) -> JSONValue {
        switch FilePath.read(path, maximumBytes: Self.maximumBytes) {
        case .failure(let problem):
            problems.append(prefix(pointer) + FileProblem(path: shown, number: problem.number).text)
            return .null
        case .success(let bytes):
            do {
                let document = try JSONParser.parse(bytes)
                return resolve(document, folder: FilePath.parent(path), at: pointer, depth: depth, &problems)
            } catch {
                problems.append(prefix(pointer) + "\(shown) is not JSON: \(error.description)")
                return .null
            }
        }
    }

    private func resolve(
        _ value: JSONValue, folder: String, at pointer: JSONPointer, depth: Int, _ problems: inout [String]
    ) -> JSONValue {
        switch value {
        case .object(let members):
            if members.count == 1, case .string(let name)? = members["$file"] {
                return include(name, folder: folder, at: pointer, depth: depth, &problems)
            }
            var resolved: [String: JSONValue] = [:]
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                resolved[key] = resolve(
                    member, folder: folder, at: pointer.appending(key), depth: depth, &problems)
            }
            return .object(resolved)
        case .array(let elements):
            var resolved: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                resolved.append(
                    resolve(element, folder: folder, at: pointer.appending(index), depth: depth, &problems))
            }
            return .array(resolved)
        default: return value
        }
    }

    private func include(
        _ name: String, folder: String, at pointer: JSONPointer, depth: Int, _ problems: inout [String]
    ) -> JSONValue {
        let path = FilePath.join(folder, name)
        guard depth < Self.maximumDepth else {
            problems.append(prefix(pointer) + "\(name): files include each other more than \(Self.maximumDepth) deep")
            return .null
        }
        if name.hasSuffix(".json") {
            return load(path, shown: name, at: pointer, depth: depth + 1, &problems)
        }
        switch FilePath.read(path, maximumBytes: Self.maximumBytes) {
        case .failure(let problem):
            problems.append(prefix(pointer) + FileProblem(path: name, number: problem.number).text)
        case .success(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
            problems.append(prefix(pointer) + "\(name): is not UTF-8 text")
        }
        return .null
    }

    private func prefix(_ pointer: JSONPointer) -> String { pointer.tokens.isEmpty ? "" : "\(pointer): " }
}
