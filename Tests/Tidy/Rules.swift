/// All rules over single files. Each has a test that plants a violation.
enum Rules {
    static let all: [Rule] = [
        roomDirection, owners, libraryLoading, pureKernel, forcedTry, forcedCast, forcedUnwrap, printing, markers,
        unexplainedSendable, longLines, longFiles, longFunctions,
    ]

    static let maximumLineLength = 120
    static let maximumFileLines = 500
    static let maximumFunctionLines = 70

    static let roomDirection = Rule.eachFileImport("imports follow the direction of rooms") { module, file in
        if file.path.hasPrefix("Plugins/") {
            return Rooms.modules.subtracting(["PluginKit"]).contains(module)
                ? "a department imports \(module); it may see PluginAPI only" : nil
        }
        guard let room = Rooms.room(of: file.path), Rooms.modules.union(["CBureau", "CLane"]).contains(module),
            module != room.module, !room.imports.contains(module)
        else { return nil }
        return "\(room.module) imports \(module), against the direction of rooms"
    }

    static let owners = Rule.eachFileImport("one place owns each outside library") { module, file in
        guard let owner = Rooms.owners.first(where: { $0.module == module }), !file.isTest,
            !owner.folders.contains(where: { file.path.hasPrefix($0 + "/") })
        else { return nil }
        return "imports \(module), which belongs to \(owner.folders.joined(separator: ", "))"
    }

    static let libraryLoading = Rule.eachLine(
        "only placement loads libraries",
        where: { file in
            (file.isSwift || file.isC) && !file.isTest && !Rooms.loaders.contains { file.path.hasPrefix($0 + "/") }
        },
        { $0.has("dlopen") || $0.has("dlmopen") ? "loads a library; only \(Rooms.loaders[0]) may" : nil })

    static let pureKernel = Rule.eachLine(
        "the kernel is pure", where: { $0.isSwift && $0.path.hasPrefix("Host/Kernel/") },
        { line in
            if let module = importedModule(line), Rooms.impureModules.contains(module) {
                return "the kernel imports \(module)"
            }
            return Rooms.impureCalls.first { line.contains($0) }.map { "the kernel uses \($0)" }
        })

    static let forcedTry = Rule.eachLine(
        "no try!", where: isProduct, { $0.has("try!") ? "try! ends the host; handle the error" : nil })

    static let forcedCast = Rule.eachLine(
        "no as!", where: isProduct, { $0.has("as!") ? "as! ends the host; use as?" : nil })

    static let forcedUnwrap = Rule.eachLine(
        "no forced unwraps", where: isProduct,
        { hasForcedUnwrap($0) ? "a forced unwrap ends the host; use guard let" : nil })

    static let printing = Rule.eachLine(
        "no print", where: isProduct,
        { line in
            ["print(", "debugPrint(", "dump(", "NSLog("].first { call in
                line.occurrences(of: call).contains { !line[..<$0].hasSuffix("func ") }
            }.map { "\($0)…) writes past the command's own output" }
        })

    /// Spelled in halves so that this file does not find itself.
    static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

    static let markers = Rule.eachLine(
        "no leftover markers", of: \.lines, where: { _ in true },
        { line in leftovers.first { line.has($0) }.map { "leftover \($0)" } })

    static let unexplainedSendable = Rule(
        name: "every promise to the compiler is explained", applies: { $0.isSwift }
    ) { file in
        file.code.indices.compactMap { index in
            let line = file.code[index]
            guard let promise = ["@unchecked Sendable", "nonisolated(unsafe)"].first(where: { line.contains($0) }),
                !isExplained(index, in: file)
            else { return nil }
            return (index + 1, "\(promise) without a comment that proves it")
        }
    }

    static let longLines = Rule.eachLine(
        "lines are short", of: \.lines, where: { $0.isProgram },
        { line in
            line.count > maximumLineLength ? "\(line.count) characters, at most \(maximumLineLength)" : nil
        })

    static let longFiles = Rule(name: "files hold one idea", applies: { $0.isProgram }) { file in
        let count = file.lines.last?.isEmpty == true ? file.lines.count - 1 : file.lines.count
        return count > maximumFileLines ? [(count, "\(count) lines, at most \(maximumFileLines)")] : []
    }

    static let longFunctions = Rule(name: "functions fit on a screen", applies: { $0.isSwift || $0.isC }) { file in
        Functions.bodies(in: file).filter { $0.lines > maximumFunctionLines }.map {
            ($0.start, "\($0.name) has \($0.lines) lines, at most \(maximumFunctionLines)")
        }
    }

    @Sendable private static func isProduct(_ file: SourceFile) -> Bool { file.isSwift && !file.isTest }

    /// `value!`, `call()!`, `list[0]!` and the type `Int!`, but neither `!flag` nor `a != b`.
    static func hasForcedUnwrap(_ line: Substring) -> Bool {
        var previous: Character = " "
        var index = line.startIndex
        while index < line.endIndex {
            let next = line.index(after: index)
            let follower: Character = next < line.endIndex ? line[next] : " "
            let endsValue = previous.isLetter || previous.isNumber || "_)]}>".contains(previous)
            if line[index] == "!", endsValue, follower != "=" {
                let word = line[..<index].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                if !["yrt", "sa"].contains(String(word)) { return true }
            }
            previous = line[index]
            index = next
        }
        return false
    }

    /// A comment on the line itself or right above it, above attributes.
    private static func isExplained(_ index: Int, in file: SourceFile) -> Bool {
        if file.lines[index].contains("//") { return true }
        var above = index - 1
        while above >= 0, file.lines[above].trimmed.hasPrefix("@") { above -= 1 }
        return above >= 0 && ["//", "*/"].contains { file.lines[above].trimmed.hasPrefix($0) }
    }
}

/// The module of an import line, without access level, attributes and kind.
func importedModule(_ line: Substring) -> String? {
    let words = line.split(separator: " ")
    guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
        words[..<keyword].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0) })
    else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
    let name = kinds.contains(words[keyword + 1]) && keyword + 2 < words.count ? words[keyword + 2] : words[keyword + 1]
    return String(name.prefix { $0 != "." })
}

extension Rule {
    /// A rule about the modules that a Swift file imports.
    static func eachFileImport(
        _ name: String, _ check: @escaping @Sendable (_ module: String, _ file: SourceFile) -> String?
    ) -> Rule {
        Rule(name: name, applies: { $0.isSwift }) { file in
            file.code.enumerated().compactMap { index, line in
                importedModule(line).flatMap { check($0, file) }.map { (index + 1, $0) }
            }
        }
    }
}
