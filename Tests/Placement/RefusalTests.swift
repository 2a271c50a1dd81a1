import Foundation
import Placement
import TestSupport
import Testing

/// Files that are not plugins this host can run: each is refused with its reason, and none runs in the host.
@Suite("Refused files", .timeLimit(.minutes(2)))
struct RefusalTests {
    static func refusal(_ path: String) async throws -> PlacementError? {
        let placement = try Placement(workerPath: PluginCompiler.workerPath, settings: Stage.settings())
        do {
            _ = try await placement.inspect(path)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "each broken descriptor names its rule",
        arguments: [
            ("no_entry", PlacementError.Code.missingEntry, "bureau_plugin_entry_v1"),
            ("null_entry", .wrongABI, "returned null"),
            ("other_major", .wrongABI, "ABI major 2, this host has 1"),
            ("small_struct", .wrongABI, "struct_size is 16"),
            ("broken_manifest", .brokenManifest, "manifest"),
        ])
    func descriptor(name: String, code: PlacementError.Code, text: String) async throws {
        let error = try await Self.refusal(try PluginCompiler.library("BadPlugins/\(name).c"))
        #expect(error?.code == code)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "accepted")")
    }

    @Test("a host call from create fails the agent", arguments: PlacementKind.allCases)
    func earlyCall(kind: PlacementKind) async throws {
        let placement = try Placement(workerPath: PluginCompiler.workerPath, settings: Stage.settings())
        let descriptor = try await placement.inspect(try PluginCompiler.library("BadPlugins/early_call.c"))
        let plugin = try await placement.place(descriptor, as: kind)
        do {
            _ = try await plugin.createInstance(configuration: [])
            #expect(Bool(false), "accepted")
        } catch {
            #expect(error.code == .calledHostBeforeSetup)
            #expect(error.message.contains("wake"))
        }
        await plugin.shutdown()
    }

    @Test("what is no library is told apart")
    func otherFiles() async throws {
        let library = try PluginCompiler.bytes(of: try PluginCompiler.library("Plugins/echo.c"))
        #expect(try await Self.refusal("/tmp")?.code == .unreadable)
        #expect(try await Self.refusal("/dev/zero")?.code == .unreadable)
        #expect(try await Self.refusal("/nowhere.so")?.code == .unreadable)
        #expect(try await Self.refusal(try PluginCompiler.file("empty.so", []))?.code == .notELF)
        #expect(try await Self.refusal(try PluginCompiler.file("text.so", Array("#!/bin/sh\n".utf8)))?.code == .notELF)
        #expect(try await Self.refusal(Built.binary("bureau-worker").path)?.code == .malformed)
        var other = library
        (other[18], other[19]) = (other[18] == 183 ? 62 : 183, 0)
        let error = try await Self.refusal(try PluginCompiler.file("other.so", other))
        #expect(error?.code == .wrongArchitecture)
        #expect(error?.message.contains("built for") == true)
    }

    @Test("every short prefix of a library is refused without being loaded")
    func truncated() throws {
        let library = try PluginCompiler.bytes(of: try PluginCompiler.library("Plugins/echo.c"))
        for length in Array(0...600) + Array(stride(from: 601, to: library.count / 2, by: 97)) {
            #expect(throws: PlacementError.self) { _ = try ELFFile(checking: Array(library[..<length])) }
        }
        _ = try ELFFile(checking: library)
    }

    @Test("mutated libraries never harm the host")
    func mutated() async throws {
        let seed =
            ProcessInfo.processInfo.environment["BUREAU_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...(.max))
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let library = try PluginCompiler.bytes(of: try PluginCompiler.library("Plugins/echo.c"))
        let placement = try Placement(workerPath: PluginCompiler.workerPath, settings: Self.impatient)
        var loaded = 0
        for round in 0..<300 {
            var bytes = library
            // Headers and tables are in the first pages: half of the mutations go there.
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let limit = Bool.random(using: &random) ? 1024 : bytes.count
                bytes[Int.random(in: 0..<limit, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard (try? ELFFile(checking: bytes)) != nil else { continue }
            // What the static check lets pass is loaded where it can do no harm.
            loaded += 1
            _ = try? await placement.inspect(try PluginCompiler.file("mutant-\(round % 4).so", bytes))
        }
        #expect(loaded > 0)
    }

    private static var impatient: PlacementSettings {
        var settings = Stage.settings()
        settings.startMilliseconds = 1000
        return settings
    }
}
