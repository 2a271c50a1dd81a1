import HostTools
import Journal
import Kernel
import Placement

extension RunExecution {
    /// A tool call. Arguments are checked before anything happens; a tool that changes the world has its intent
    /// committed first, and after a crash nobody repeats it without being told to.
    func performTool(
        _ operation: OperationID, _ name: String, _ arguments: [UInt8], _ timeoutMilliseconds: UInt64,
        _ onAmbiguous: AmbiguityPolicy, _ begun: StepRecord, _ isBegunBefore: Bool
    ) async {
        guard let tool = core.tools[name] else {
            let known = core.tools.keys.sorted().joined(separator: ", ")
            finish(operation, begun, .failure(Failure(.notFound, "no tool \"\(name)\"; this host has: \(known)")))
            return
        }
        let document: JSONValue
        do {
            document = try checkedArguments(tool, arguments)
        } catch {
            finish(operation, begun, .failure(error))
            return
        }
        guard let passed = await guardedTool(operation, name, document, begun, isBegunBefore) else { return }
        let step = passed.step
        let released: JSONValue
        do {
            // A person may have changed them.
            released = try checkedArguments(tool, passed.arguments.bytes)
        } catch {
            finish(operation, step, .failure(error))
            return
        }
        // A call that waited for a person when the host ended was not made yet.
        let isResumed = isBegunBefore && !passed.wasAsked
        if !tool.isReadOnly {
            if isResumed {
                let policy: AmbiguityPolicy = onAmbiguous == .byKind ? .ask : onAmbiguous
                guard decideAmbiguity(operation, policy, step) else { return }
            }
            do {
                try await commit { _ in step }
            } catch {
                return stop(after: error)
            }
        }
        let result = await call(tool, released, timeoutMilliseconds)
        if case .failure = result, isStopping { return }
        await settle(operation, step) { _ throws(JournalError) in
            result.map { EffectResult(data: $0.bytes) }.mapError { StepFailure($0) }
        }
    }

    private func checkedArguments(_ tool: any HostTool, _ arguments: [UInt8]) throws(Failure) -> JSONValue {
        let document: JSONValue
        let schema: JSONSchema
        do {
            document = try JSONParser.parse(arguments)
        } catch {
            throw Failure(.invalid, "arguments of tool \(tool.name): \(error.description)")
        }
        do {
            schema = try JSONSchema(tool.argumentsSchema)
        } catch {
            throw Failure(.internal, "schema of tool \(tool.name): \(error.description)")
        }
        let violations = schema.validate(document)
        guard violations.isEmpty else {
            let list = violations.map { "\($0.pointer): \($0.message)" }.joined(separator: "; ")
            throw Failure(.invalid, "arguments of tool \(tool.name): \(list)")
        }
        return document
    }

    private func call(
        _ tool: any HostTool, _ arguments: JSONValue, _ timeoutMilliseconds: UInt64
    ) async -> Result<JSONValue, Failure> {
        await withTaskGroup(of: Result<JSONValue, Failure>?.self) { group in
            group.addTask { await Self.answer(of: tool, to: arguments) }
            if timeoutMilliseconds > 0 {
                group.addTask {
                    try? await Task.sleep(for: .milliseconds(Int64(clamping: timeoutMilliseconds)))
                    return nil
                }
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            let late = Failure(.deadline, "tool \(tool.name) did not answer within \(timeoutMilliseconds) ms")
            return Task.isCancelled ? .failure(Failure(.cancelled, "cancelled")) : first ?? .failure(late)
        }
    }

    private static func answer(
        of tool: any HostTool, to arguments: JSONValue
    ) async -> Result<JSONValue, Failure> {
        do throws(Failure) {
            return .success(try await tool.call(arguments))
        } catch {
            return .failure(error)
        }
    }
}
