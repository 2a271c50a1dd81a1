import Testing

/// Each rule is shown a violation and a neighbour that is fine: a rule that finds nothing would pass for ever.
@Suite("Each tidy rule finds what it is for")
struct RuleTests {
    private func found(_ rule: Rule, _ path: String, _ text: String) -> Bool {
        !rule.findings(in: SourceFile(path: path, text: text)).isEmpty
    }

    @Test("an import against the direction of rooms is found")
    func direction() {
        #expect(found(Rules.roomDirection, "Host/Kernel/A.swift", "import Journal\n"))
        #expect(found(Rules.roomDirection, "Host/Journal/A.swift", "package import Engine\n"))
        #expect(found(Rules.roomDirection, "Host/Gateway/A.swift", "import struct Placement.PlacementError\n"))
        #expect(found(Rules.roomDirection, "Plugins/Finance/Sources/A.swift", "import Kernel\n"))
        #expect(found(Rules.roomDirection, "PluginAPI/PluginKit/A.swift", "import Kernel\n"))
        #expect(!found(Rules.roomDirection, "Host/Engine/A.swift", "import Journal\nimport Placement\n"))
        #expect(!found(Rules.roomDirection, "Plugins/Finance/Sources/A.swift", "import PluginKit\n"))
        #expect(!found(Rules.roomDirection, "Host/Kernel/A.swift", "// import Journal\n"))
    }

    @Test("a second owner of an outside library is found")
    func secondOwner() {
        #expect(found(Rules.owners, "Host/Engine/A.swift", "import GRDB\n"))
        #expect(found(Rules.owners, "Host/Journal/A.swift", "import GRDB\n"))
        #expect(found(Rules.owners, "Host/Bureau/A.swift", "import Hummingbird\n"))
        #expect(!found(Rules.owners, "Host/Server/A.swift", "import Hummingbird\n"))
        #expect(!found(Rules.owners, "Host/Journal/Driver/SQLite/A.swift", "import GRDB\n"))
    }

    @Test("a library loaded outside placement is found")
    func loading() {
        #expect(found(Rules.libraryLoading, "Host/Engine/A.swift", "let handle = dlopen(path, RTLD_NOW)\n"))
        #expect(found(Rules.libraryLoading, "PluginAPI/CBureau/a.c", "    void *handle = dlopen(path, 2);\n"))
        #expect(!found(Rules.libraryLoading, "Host/Placement/A.swift", "let handle = dlopen(path, RTLD_NOW)\n"))
        #expect(!found(Rules.libraryLoading, "Host/Engine/A.swift", "/// never dlopen a file\n"))
    }

    @Test("a clock, a file or chance in the kernel is found")
    func purity() {
        #expect(found(Rules.pureKernel, "Host/Kernel/A.swift", "import Foundation\n"))
        #expect(found(Rules.pureKernel, "Host/Kernel/A.swift", "let now = Date()\n"))
        #expect(found(Rules.pureKernel, "Host/Kernel/A.swift", "Int.random(in: 0..<3)\n"))
        #expect(!found(Rules.pureKernel, "Host/Journal/A.swift", "import Foundation\n"))
    }

    @Test("forced tries, casts and unwraps are found")
    func forced() {
        #expect(found(Rules.forcedTry, "Host/Engine/A.swift", "let a = try! load()\n"))
        #expect(found(Rules.forcedCast, "Host/Engine/A.swift", "let a = b as! Int\n"))
        for line in ["a!.b", "call()!", "list[0]!", "var a: Int!", "map { $0 }!", "\"\\(name!)\""] {
            #expect(found(Rules.forcedUnwrap, "Host/Engine/A.swift", line), "\(line)")
        }
        for line in ["a != b", "a!=b", "!flag", "(!flag)", "\"stop!\"", "// stop!", "let a = try! load()"] {
            #expect(!found(Rules.forcedUnwrap, "Host/Engine/A.swift", line), "\(line)")
        }
        #expect(!found(Rules.forcedTry, "Tests/Engine/A.swift", "let a = try! load()\n"))
    }

    @Test("printing is found, a method of that name is not")
    func printing() {
        #expect(found(Rules.printing, "Host/Engine/A.swift", "    print(\"x\")\n"))
        #expect(found(Rules.printing, "Plugins/Council/Sources/A.swift", "debugPrint(x)\n"))
        #expect(!found(Rules.printing, "Host/Engine/A.swift", "terminal.print(x)\nblueprint(x)\n"))
        #expect(!found(Rules.printing, "Host/Engine/A.swift", "func print(_ text: String) {}\n"))
    }

    @Test("leftover markers are found in code, comments and documents", arguments: Rules.leftovers)
    func markers(marker: String) {
        #expect(found(Rules.markers, "Host/Engine/A.swift", "// \(marker): later\n"))
        #expect(found(Rules.markers, "README.md", "\(marker) write this\n"))
        #expect(!found(Rules.markers, "Host/Engine/A.swift", "let name = \"\(marker)\(marker)\"\n"))
    }

    @Test("an unexplained promise to the compiler is found")
    func sendable() {
        let promise = "final class A: @unchecked Sendable {}\n"
        #expect(found(Rules.unexplainedSendable, "Host/Engine/A.swift", promise))
        #expect(found(Rules.unexplainedSendable, "Host/Engine/A.swift", "\nnonisolated(unsafe) var a = 0\n"))
        #expect(!found(Rules.unexplainedSendable, "Host/Engine/A.swift", "// Guarded by `lock`.\n" + promise))
        #expect(!found(Rules.unexplainedSendable, "Host/Engine/A.swift", "/// Immutable.\n@frozen\n" + promise))
    }

    @Test("lines, files and functions over their limits are found, at the limit they are not")
    func sizes() {
        let path = "Host/Engine/A.swift"
        #expect(found(Rules.longLines, path, String(repeating: "a", count: 121)))
        #expect(!found(Rules.longLines, path, String(repeating: "é", count: 120)))
        #expect(!found(Rules.longLines, "README.md", String(repeating: "a", count: 121)))
        #expect(found(Rules.longFiles, path, String(repeating: "\n", count: 501)))
        #expect(!found(Rules.longFiles, path, String(repeating: "\n", count: 500)))

        func swift(_ lines: Int) -> String {
            "    static func a(b: [Int] = []) -> Int {\n" + String(repeating: "        f { }\n", count: lines - 2)
                + "    }\n"
        }
        #expect(found(Rules.longFunctions, path, swift(71)))
        #expect(!found(Rules.longFunctions, path, swift(70)))
        #expect(found(Rules.longFunctions, path, "init(a: Int) {\n" + String(repeating: "\n", count: 70) + "}\n"))
        #expect(!found(Rules.longFunctions, path, "func a()\nfunc b() {\n}\n" + String(repeating: "\n", count: 90)))

        func c(_ lines: Int) -> String {
            "static int a(int b)\n{\n" + String(repeating: "    f();\n", count: lines - 3) + "}\n"
        }
        #expect(found(Rules.longFunctions, "Host/CLane/a.c", c(71)))
        #expect(!found(Rules.longFunctions, "Host/CLane/a.c", c(70)))
    }

    @Test("a room without a README, or with a placeholder, is found")
    func readmes() {
        let source = SourceFile(path: "Host/Engine/A.swift", text: "")
        let placeholder = SourceFile(path: "Host/Engine/README.md", text: "# Engine\n")
        let real = SourceFile(path: "Host/Engine/README.md", text: String(repeating: "word ", count: 80))
        #expect(Readmes.missing(in: [source]) == ["Host/Engine"])
        #expect(Readmes.missing(in: [source, placeholder]) == ["Host/Engine"])
        #expect(Readmes.missing(in: [source, real]) == [])
        let map = SourceFile(path: "Host/CCurl/module.modulemap", text: "")
        #expect(Readmes.missing(in: [map]) == [])
    }

    @Test("strings and comments are blanked, interpolated code is not")
    func masking() {
        let text = ##"let a = "x! \(b!) /* " // try!"## + "\n" + ##"let c = #"raw " \( \#(d!) "# /* as! */ + e"##
        let masked = SourceMask.blank(text, isSwift: true)
        #expect(masked.utf8.count == text.utf8.count)
        #expect(masked.contains("b!") && masked.contains("d!") && masked.contains("+ e"))
        #expect(!masked.contains("x!") && !masked.contains("try!") && !masked.contains("as!"))
        #expect(masked.filter { $0 == "\n" }.count == 1)
    }
}
