import Foundation
import Kernel
import Placement
import TestSupport
import Testing

/// Plugin files that were damaged, by chance or on purpose, in this process, which is the host's place: were the static
/// check to trap, this process would end.
@Suite("Mutated plugin files", .timeLimit(.minutes(5)))
struct MutationTests {
    /// Files of a C, a C++ and a Swift plugin, with how many mutants of each are made. Swift's are megabytes.
    private static let counts = [6000, 4000, 150]
    /// So many of each, of those that pass the static check, are loaded in a worker.
    private static let loadedCount = 20

    private let scratch: Scratch
    private let seeds: [[UInt8]]

    init() throws {
        scratch = try Scratch()
        let paths = [
            Built.binary("libTemplateGreeterC.so").path, try Self.greeterInCPlusPlus(scratch),
            Built.binary("libDepartmentFinance.so").path,
        ]
        seeds = try paths.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
    }

    private static func greeterInCPlusPlus(_ scratch: Scratch) throws -> String {
        let plugin = scratch.folder("greeter-cpp.so")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "c++", "-std=c++17", "-O1", "-w", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread", "-I",
            Built.checkout.appendingPathComponent("PluginAPI/CBureau/include").path,
            Built.checkout.appendingPathComponent("PluginAPI/Templates/cpp/greeter.cpp").path, "-Wl,-z,nodelete",
            "-o", plugin,
        ]
        try compiler.runAlone()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Failure(.internal, "c++ could not build the greeter") }
        return plugin
    }

    @Test("more than ten thousand never harm the host, and what passes its check is loaded where it can do no harm")
    func mutants() async throws {
        for (index, seed) in seeds.enumerated() {
            let file = try scratch.write(seed, to: "seed-\(index).so")
            _ = try PluginFile.open(file)
        }
        var mutator = Mutator(seed: TestSeed.next(), seeds: seeds)
        var (passed, refused) = ([Mutator.Kind: Int](), [Mutator.Kind: Int]())
        var sample: [String] = []
        for (seed, count) in zip(seeds, Self.counts) {
            let bound = sample.count + Self.loadedCount
            for _ in 0..<count {
                let (kind, bytes) = mutator.mutant(of: seed)
                // Not the same file again: ext4 writes a file to the disk that is emptied and filled.
                let file = try scratch.write(bytes, to: "mutant-\(UUID()).so")
                defer { try? FileManager.default.removeItem(atPath: file) }
                do {
                    _ = try PluginFile.open(file)
                    passed[kind, default: 0] += 1
                } catch {
                    refused[kind, default: 0] += 1
                    continue
                }
                guard mutator.pick(20) == 0, sample.count < bound else { continue }
                sample.append(try scratch.write(bytes, to: "loaded-\(sample.count).so"))
            }
        }
        #expect((passed.values.reduce(0, +) + refused.values.reduce(0, +)) >= 10_000)
        for kind in Mutator.Kind.allCases { #expect(passed[kind] != nil || refused[kind] != nil) }
        // A check that refuses all, or nothing, would prove nothing.
        #expect(passed.values.reduce(0, +) > 500 && refused.values.reduce(0, +) > 500)
        try await load(sample)
    }

    private func load(_ files: [String]) async throws {
        var settings = PlacementSettings()
        settings.startMilliseconds = 500
        let placement = try Placement(workerPath: Built.binary("bureau-worker").path, settings: settings)
        let all = await withTaskGroup(of: String.self) { group in
            var answers: [String] = []
            for (index, file) in files.enumerated() {
                if index >= 4, let answer = await group.next() { answers.append(answer) }
                group.addTask { await Self.answer(placement, file) }
            }
            for await answer in group { answers.append(answer) }
            return answers
        }
        #expect(all.count == files.count)
        #expect(all.allSatisfy { !$0.isEmpty }, "each refusal has its words")
        #expect(files.count > Self.loadedCount)
        // The host's own part of it still works.
        _ = try await placement.inspect(scratch.folder("seed-0.so"))
    }

    private static func answer(_ placement: Placement, _ file: String) async -> String {
        do {
            return try await placement.inspect(file).id
        } catch {
            return error.message
        }
    }
}
