import CBureau
import Foundation
import PluginKit
import PluginTesting
import Testing

@Suite("Plugins in C: the template and blocking.h")
struct BlockingTests {
    private struct Greeted: Codable, Equatable {
        var text: String
        var count: Int
    }

    private func greeter() throws -> TaskHarness {
        let directory = try NativeCode.temporaryDirectory()
        let source = NativeCode.root.appendingPathComponent("PluginAPI/Templates/c/greeter.c")
        return try TaskHarness(entry: try NativeCode.plugin(at: source, in: directory))
    }

    @Test("the template greets, counts, logs and reports progress")
    func template() async throws {
        let harness = try greeter()
        let first: Greeted = try await harness.run("greet", input: ["name": "Ada \"the first\""])
        #expect(first == Greeted(text: "Hello, Ada \"the first\"", count: 1))
        let second: Greeted = try await harness.run("greet", input: ["name": "Grace"])
        #expect(second == Greeted(text: "Hello, Grace", count: 2))
        #expect(harness.steps.map(\.name) == ["compose", "read", "write"])
        #expect(harness.logs.last == .init(level: .info, text: "greeted"))
        #expect(harness.progress.last == .init(fraction: 0.5, text: "composed"))
        let counted: Counted = try await harness.run("count", input: Empty())
        #expect(counted.count == 2)
        #expect(harness.violations == [])
    }

    @Test("a replay performs nothing, and a crash at any step loses nothing", arguments: 0...3)
    func replay(kept: Int) async throws {
        let harness = try greeter()
        let first: Greeted = try await harness.run("greet", input: ["name": "Ada"])
        if kept == 3 {
            #expect(try await harness.replay(as: Greeted.self) == first)
            #expect(harness.performedEffects == 0)
        } else {
            // The write was done, only its record was lost: the next attempt sees the conflict, it never counts twice.
            do {
                let again: Greeted = try await harness.replay(keepingSteps: kept)
                #expect(kept < 2 && again.count == 2)
            } catch let failure as TaskFailure {
                #expect(kept == 2 && failure.status == .conflict)
            }
            #expect(harness.performedEffects == 3 - kept)
        }
    }

    @Test("the template's manifest is JSON of the documented form")
    func manifest() throws {
        let directory = try NativeCode.temporaryDirectory()
        let source = NativeCode.root.appendingPathComponent("PluginAPI/Templates/c/greeter.c")
        let entry = try NativeCode.plugin(at: source, in: directory)
        let manifest = try JSONDecoder().decode(JSONValue.self, from: entry.pointee.manifest_json.copy)
        #expect(manifest["id"]?.stringValue == entry.pointee.id.copy)
        #expect(manifest["tasks"]?.arrayValue?.count == 2)
        #expect(entry.pointee.toolchain.copy == "c11")
    }

    @Test("every blocking function answers; unknown tasks are refused; forgetting the result is a failure")
    func everyFunction() async throws {
        let harness = try blockingSample()
        harness.onModelReply { .init(text: $0.prompt, usage: .init(inputTokens: 3, costNanodollars: 9)) }
        harness.onTool("tool") { (json: [UInt8]) in json }
        harness.onCall(department: "other", task: "work") { (json: [UInt8]) in json }
        let output: [Int] = try await harness.run("all", input: [1, 2])
        // model cost, tool bytes, child bytes, digest length, sleep, random bytes, is cancelled, unsupported state key
        #expect(output == [9, 5, 5, 64, 1_250, 7, 0, -12])
        await #expect(throws: TaskFailure.self) { let _: Empty = try await harness.run("none", input: Empty()) }
        await #expect {
            let _: Empty = try await harness.run("forgets", input: Empty())
        } throws: {
            ($0 as? TaskFailure)?.status == .internal
        }
    }

    @Test("a cancelled task stops waiting, with the reason", arguments: [FailureStatus.cancelled, .deadline])
    func cancellation(reason: FailureStatus) async throws {
        let harness = try blockingSample()
        harness.onModel { $0.prompt }
        harness.hold("ask")
        let started = try harness.start("all", input: [0])
        await harness.waitUntilStarted("ask")
        started.cancel(reason)
        await #expect {
            let _: [Int] = try await started.value()
        } throws: {
            ($0 as? TaskFailure)?.status == reason
        }
        #expect(harness.openCallCount == 0)
        #expect(harness.violations == [])
    }

    @Test("500 tasks at once on threads of their own")
    func manyAtOnce() async throws {
        let harness = try greeter()
        try harness.setState("greetings", 0)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                let started = try harness.start("count", input: Empty())
                group.addTask { try await started.value(as: Counted.self).count == 0 }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(harness.openCallCount == 0 && harness.openOperationCount == 0)
    }

    private func blockingSample() throws -> TaskHarness {
        let directory = try NativeCode.temporaryDirectory()
        let source = directory.appendingPathComponent("sample.c")
        try Self.sample.write(to: source, atomically: true, encoding: .utf8)
        return try TaskHarness(entry: try NativeCode.plugin(at: source, in: directory))
    }

    private static let sample = #"""
        #include <bureau/blocking.h>

        static void all(bureau_ctx *ctx, bureau_buf input) {
          char output[256];
          bureau_result model, tool, child, artifact, before, after, random, missing;
          model = bureau_ctx_model(ctx, "ask", "", bureau_json("[{\"role\":\"user\",\"content\":\"q\"}]"),
                                   bureau_json(""), 0);
          if (model.status != BUREAU_OK) {
            bureau_ctx_fail_as(ctx, &model);
            return;
          }
          tool = bureau_ctx_tool(ctx, "tool", "tool", input);
          child = bureau_ctx_child(ctx, "child", "other", "work", input);
          artifact = bureau_ctx_artifact_put(ctx, NULL, "a.txt", "text/plain", input);
          before = bureau_ctx_now(ctx, NULL);
          bureau_ctx_sleep(ctx, NULL, 1250);
          after = bureau_ctx_now(ctx, NULL);
          random = bureau_ctx_random(ctx, NULL, 7);
          missing = bureau_ctx_state_get(ctx, NULL, "missing");
          snprintf(output, sizeof output, "[%d,%d,%d,%d,%d,%d,%d,%d]", (int)model.usage.cost_nanodollars,
                   (int)tool.data.len, (int)child.data.len, (int)artifact.data.len,
                   (int)(after.value - before.value), (int)random.data.len, bureau_ctx_is_cancelled(ctx),
                   missing.status);
          bureau_ctx_return(ctx, bureau_json(output));
        }

        static void forgets(bureau_ctx *ctx, bureau_buf input) {
          (void)ctx;
          (void)input;
        }

        static const bureau_blocking_task tasks[] = {{"all", all}, {"forgets", forgets}};
        BUREAU_BLOCKING_PLUGIN("org.example.blocking", "1.0.0", "{}", tasks)
        """#
}
