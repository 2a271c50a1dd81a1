import Foundation
import Kernel
import PluginCheck
import TestSupport
import Testing

/// Each rule can fail, and none fails for a plugin that keeps them all.
@Suite("Rules", .timeLimit(.minutes(5)))
struct RuleTests {
    static let worker = Built.binary("bureau-worker").path

    static func check(
        _ plugin: String, rules: [String] = [], seed: UInt64 = 1, timeoutSeconds: Int = 60
    ) async throws -> CheckReport {
        var settings = Checker.Settings(place: .worker(path: worker))
        settings.rules = rules
        settings.seed = seed
        settings.timeoutSeconds = timeoutSeconds
        return try await Checker(settings).check(plugin)
    }

    static func unexpected(_ report: CheckReport, _ allowed: Set<RuleStatus>) -> [String] {
        report.results.filter { !allowed.contains($0.status) }
            .map { "\($0.status.rawValue) \($0.rule.id): \($0.text)" }
    }

    @Test("a plugin that breaks one rule is found by it", arguments: RuleCatalogue.all.map(\.id))
    func broken(id: String) async throws {
        let rule = try #require(RuleCatalogue.rule(id))
        let scratch = try Scratch()
        let plugin = try await PluginCompiler(scratch: scratch).library(id, of: "Breaking/\(id).c")
        // A short limit: some of these never answer.
        let result = try #require(try await Self.check(plugin, rules: [id], timeoutSeconds: 4).results.first)
        let expected: Set<RuleStatus> = rule.severity == .error ? [.failed, .crashed] : [.warning]
        #expect(expected.contains(result.status), "\(result.status.rawValue): \(result.text)")
        #expect(!result.text.isEmpty)
    }

    @Test("a plugin that keeps all rules passes them all, and none is skipped")
    func sound() async throws {
        let scratch = try Scratch()
        let plugin = try await PluginCompiler(scratch: scratch).library("sound", of: "sound.h")
        let report = try await Self.check(plugin, seed: TestSeed.next())
        #expect(Self.unexpected(report, [.passed]).isEmpty, "\(Self.unexpected(report, [.passed]))")
        #expect(report.results.count == RuleCatalogue.all.count)
        #expect(report.isSound)
        #expect(report.plugin == "org.example.sound")
    }

    @Test("the starter passes every rule that it can be tried on")
    func starter() async throws {
        let report = try await Self.check(Built.binary("libTemplateGreeterC.so").path)
        #expect(Self.unexpected(report, [.passed, .skipped]).isEmpty)
        #expect(report.count(.passed) > 100)
    }

    @Test("the same seed draws the same inputs")
    func seeds() async throws {
        let scratch = try Scratch()
        let plugin = try await PluginCompiler(scratch: scratch).library("drawn", of: "Breaking/input-drawn.c")
        func text(_ seed: UInt64) async throws -> String? {
            try await Self.check(plugin, rules: ["input-drawn"], seed: seed).results.first?.text
        }
        let first = try await text(7)
        #expect(first?.contains("with the input") == true)
        #expect(try await text(7) == first)
        #expect(try await text(8) != first)
    }

    @Test("a file that cannot be loaded fails its own rules and skips the others")
    func otherFiles() async throws {
        let scratch = try Scratch()
        for (name, bytes) in [("empty.so", []), ("text.so", Array("#!/bin/sh\n".utf8))] {
            let report = try await Self.check(try scratch.write(bytes, to: name))
            #expect(report.results.first { $0.rule.id == "file-elf" }?.status == .failed)
            #expect(report.results.filter { $0.rule.group == .life }.allSatisfy { $0.status == .skipped })
            #expect(!report.isSound)
        }
        await #expect(throws: CheckError.self) { _ = try await Self.check("/nowhere.so") }
        #expect(throws: CheckError.self) {
            var settings = Checker.Settings(place: .worker(path: Self.worker))
            settings.rules = ["no-such-rule"]
            _ = try Checker(settings)
        }
    }
}
