import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Tools of C libraries", .timeLimit(.minutes(5)))
struct NativeToolTests {
    private static let libm = "/lib/x86_64-linux-gnu/libm.so.6"
    private static let hasLibm = FileManager.default.fileExists(atPath: libm)
    private static let calc = Swift.Result { try CompiledPlugin.build("calc") }

    @Test("a library becomes a working tool by one command, until it is taken away", .enabled(if: hasLibm))
    func binding() throws {
        let bureau = try Command()
        let bound = try bureau("tool", "bind", Self.libm, "f64 cbrt(f64 x)", "--name", "math.cbrt")
        #expect(bound.status == 0, "\(bound.errors)")
        #expect(try bureau("tool", "call", "math.cbrt", "8").output == "2.0\n")
        let called = try bureau("tool", "call", "math.cbrt", #"{"x":-8}"#, "--json")
        #expect(try called.json() == ["result": .double(-2)])

        let shown = try bureau("tool", "show", "math.cbrt", "--json").json()
        #expect(shown["library"] == .string(Self.libm) && shown["signature"] == "f64 cbrt(f64 x)")
        #expect(shown["digest"]?.stringValue?.utf8.count == 64)
        let definitions = try bureau("tool", "list", "--format", "openai", "--json").json().arrayValue ?? []
        let definition = definitions.first { $0["function"]?["name"] == "math__cbrt" }
        #expect(definition?["function"]?["parameters"]?["required"] == ["x"])
        #expect(definitions.count > 1)

        #expect(try bureau("audit", "verify").status == 0)
        #expect(try bureau("tool", "unbind", "math.cbrt").status == 0)
        #expect(try bureau("tool", "call", "math.cbrt", "27").status == 4)
        #expect(try bureau("tool", "unbind", "math.cbrt").status == 4)
        #expect(try bureau("audit", "verify").status == 0)
    }

    @Test("what cannot be bound or called says why, and changes nothing", .enabled(if: hasLibm))
    func refusals() throws {
        let bureau = try Command()
        for (arguments, status, text) in [
            ([Self.libm, "double cbrt(f64 x)"], 3, "column 1"),
            ([Self.libm, "f64 no_such(f64 x)"], 5, "does not export no_such"),
            (["/etc/passwd", "f64 cbrt(f64 x)"], 5, "not an ELF file"),
            (["missing.so", "f64 cbrt(f64 x)"], 5, "No such file"),
            ([Self.libm, "f64 cbrt(f64 x)", "--name", "A B"], 3, "--name"),
            ([Self.libm, "f64 cbrt(f64 x)", "--name", "git.files"], 3, "built in"),
            ([Self.libm, "f64 cbrt(f64 x)", "--timeout-seconds", "0"], 2, "--timeout-seconds"),
        ] as [([String], Int32, String)] {
            let result = try bureau.run(["tool", "bind"] + arguments)
            #expect(result.status == status, "\(arguments): \(result.errors)")
            #expect(result.errors.contains(text), "\(arguments): \(result.errors)")
        }
        #expect(try bureau("tool", "bind", Self.libm, "f64 hypot(f64 x, f64 y)").status == 0)
        for (arguments, text) in [
            (["3"], "takes 2 arguments (x y), not 1"), (["3", "four"], "not JSON"),
            ([#"{"x":3,"y":"four"}"#], "/y: must be a number"), ([#"{"x":3}"#], "/y: is missing"),
        ] {
            let result = try bureau.run(["tool", "call", "m.hypot"] + arguments)
            #expect(result.status == 3 && result.errors.contains(text), "\(result.errors)")
        }
        #expect(try bureau("tool", "call", "m.hypot", "3", "4").output == "5.0\n")
    }

    @Test("a plugin's functions are tools of its department, in another worker than its own")
    func manifest() throws {
        let bureau = try Command()
        let plugin = try Self.calc.get()
        let flows = #"{"rate":0.5,"flows":[-6,3,4.5]}"#
        let called = try bureau("tool", "call", "calc.value", flows, "--json", plugins: [plugin])
        #expect(called.output == "{\"result\":-2.0}\n", "\(called.errors)")
        let run = try bureau("run", "calc/value", "--input", flows, "--json", plugins: [plugin])
        #expect(run.status == 0 && run.output.contains(#"{"result":-2.0}"#), "\(run.output) \(run.errors)")
        // The function dies in its worker: the department's own goes on, and its task gets a failure.
        let broken = try bureau("run", "calc/broken", "--input", "{}", plugins: [plugin])
        #expect(broken.status == 1)
        #expect((broken.output + broken.errors).contains("SIGSEGV"), "\(broken.output) \(broken.errors)")
    }

    @Test("a manifest cannot offer what its library does not export")
    func missingFunction() throws {
        let bureau = try Command()
        let plugin = try CompiledPlugin.build("calc", "SYMBOL=\"missing_function\"")
        let result = try bureau("departments", "list", plugins: [plugin])
        #expect(result.status == 5)
        #expect(result.errors.contains("does not export missing_function"), "\(result.errors)")
    }
}
