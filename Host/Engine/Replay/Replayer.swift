package import Kernel
package import Placement

/// Executes recorded runs again: in a real placed plugin, without a journal, a gateway or a tool in reach. Every
/// effect is answered from the recording (`Kernel/Replay/RunReplay.swift`), so a replay costs nothing and changes
/// nothing.
package struct Replayer: Sendable {
    private let place: any PlacedPlugin
    private let localSteps: RunReplay.LocalSteps

    /// - Parameter place: the caller's; runs are replayed in instances of their own.
    package init(place: any PlacedPlugin, localSteps: RunReplay.LocalSteps = .compare) {
        self.place = place
        self.localSteps = localSteps
    }

    /// For runs of plans, whose code is the host's own.
    package static func plans() -> Replayer { Replayer(place: PlanPlugin()) }

    package static func isPlan(_ task: TaskReference) -> Bool { task == PlanPlugin.task }

    /// - Throws: when the plugin does not offer the task, or cannot make an instance with the agent's configuration.
    package func replay(_ recording: RunRecording) async throws(EngineError) -> ReplayReport {
        let manifest = place.descriptor.manifest, task = recording.run.task, content = recording.run.content
        guard content == .open else {
            throw EngineError(.denied, "the data of run \(recording.run.id) is \(content.rawValue): nothing to replay")
        }
        guard manifest.department == task.department, let definition = manifest.task(named: task.task) else {
            throw EngineError(.unknownTask, "plugin \(place.descriptor.id) does not offer \(task)")
        }
        var replay = RunReplay(recording, localSteps: localSteps)
        let verdict: RunReplay.Verdict
        if let refusal = Self.refusal(of: recording.run.input, definition.inputSchema) {
            verdict = .differs(refusal)
        } else {
            let instance = try await instance(recording.configuration)
            let execution = ReplayExecution(recording: recording, place: place, task: definition, instance: instance)
            verdict = await execution.run(&replay)
            await place.destroyInstance(instance)
        }
        return ReplayReport(
            run: recording.run.id, task: task, recordedState: recording.run.state, verdict: verdict,
            comparedSteps: replay.comparedSteps, recordedSteps: recording.steps.count,
            pluginID: place.descriptor.id, pluginVersion: place.descriptor.version,
            pluginDigest: place.descriptor.digest, isSameBuild: place.descriptor.digest == recording.run.build)
    }

    private func instance(_ configuration: [UInt8]) async throws(EngineError) -> InstanceID {
        do {
            return try await place.createInstance(configuration: configuration)
        } catch {
            throw EngineError(error)
        }
    }

    /// A host would not begin such a run any more.
    private static func refusal(of input: [UInt8], _ schema: JSONValue) -> ReplayDifference? {
        guard let document = try? JSONParser.parse(input), let schema = try? JSONSchema(schema) else { return nil }
        let violations = schema.validate(document)
        guard !violations.isEmpty else { return nil }
        let list = violations.map { "\($0.pointer.isEmpty ? "/" : $0.pointer): \($0.message)" }
        return ReplayDifference(.input, "the task no longer takes this input: \(list.joined(separator: "; "))")
    }
}
