import FoundationEssentials
import PluginKit

/// Models and experiments in the agent's durable state. Every change is a compare-and-swap: of two at once, one is
/// told to read again.
enum Registry {
    static func register(_ input: RegisterInput, _ context: TaskContext) async throws -> ModelRecord.Version {
        try input.model.check()
        try checkName(input.name, at: "/name")
        let found = try await context.state.get(key(input.name), as: ModelRecord.self, step: "read")
        var record = found?.value ?? ModelRecord(name: input.name, versions: [], history: [])
        if let parent = input.parent { _ = try record.index(of: parent) }
        let number = (record.versions.last?.version ?? 0) + 1, model = input.model
        let artifact = try await context.artifact(
            "\(input.name)-\(number).json", bytes: try encoded(model), mediaType: "application/json", step: "file")
        let now = Int(try await context.now(step: "time").rawValue)
        let version = ModelRecord.Version(
            version: number, stage: .none, digest: artifact.digest, method: model.method, createdMilliseconds: now,
            run: context.runID, fingerprint: model.trainedOn.fingerprint, trainingRows: model.trainedOn.rows,
            seed: model.seed, experiment: input.experiment, parent: input.parent, metrics: input.metrics ?? [:],
            observations: [])
        record.versions.append(version)
        record.history.append(
            .init(atMilliseconds: now, run: context.runID, action: "register", version: number))
        // The model first: a record never names one that is not there.
        try await context.state.set(modelKey(input.name, number), model, step: "model")
        try await context.state.set(key(input.name), record, ifRevision: found?.revision ?? 0, step: "record")
        return version
    }

    static func promote(_ input: PromoteInput, _ context: TaskContext) async throws -> ModelRecord {
        let found = try await read(input.name, context)
        var record = found.value
        let version = record.versions[try record.index(of: input.version)]
        if input.stage == .production, let metric = input.guardMetric {
            guard let new = version.metrics[metric] else {
                throw TaskFailure.invalid("/guard_metric: version \(input.version) has no metric \"\(metric)\"")
            }
            if let current = record.production {
                guard let old = current.metrics[metric] else {
                    throw TaskFailure.invalid(
                        "/guard_metric: version \(current.version), in production, has no metric \"\(metric)\"")
                }
                guard input.higherIsBetter == true ? new > old : new < old else {
                    throw TaskFailure.denied(
                        "version \(input.version) has \(metric) \(new), no better than \(old) of version "
                            + "\(current.version) in production")
                }
            }
        }
        let now = Int(try await context.now(step: "time").rawValue)
        try record.move(
            input.version, to: input.stage,
            .init(
                atMilliseconds: now, run: context.runID, action: "promote.\(input.stage.rawValue)",
                version: input.version, reason: input.reason))
        try await context.state.set(key(input.name), record, ifRevision: found.revision, step: "record")
        try await context.audit(
            "model.\(input.stage.rawValue)", ["name": input.name, "version": "\(input.version)"], step: "audit")
        return record
    }

    static func rollback(_ input: RollbackInput, _ context: TaskContext) async throws -> ModelRecord {
        let found = try await read(input.name, context)
        var record = found.value
        let version = try record.versionBeforeProduction(), now = Int(try await context.now(step: "time").rawValue)
        try record.move(
            version, to: .production,
            .init(
                atMilliseconds: now, run: context.runID, action: "rollback", version: version, reason: input.reason))
        try await context.state.set(key(input.name), record, ifRevision: found.revision, step: "record")
        try await context.audit("model.rollback", ["name": input.name, "version": "\(version)"], step: "audit")
        return record
    }

    static func observe(_ input: ObserveInput, _ context: TaskContext) async throws -> ObserveOutput {
        let found = try await read(input.name, context)
        try Check.finite([input.value], at: "/value")
        var record = found.value
        let index = try record.index(of: try chosen(record, input.version))
        let now = Int(try await context.now(step: "time").rawValue)
        record.versions[index].observations.append(
            .init(atMilliseconds: now, metric: input.metric, value: input.value))
        let surplus = record.versions[index].observations.count - ModelRecord.maximumObservations
        if surplus > 0 { record.versions[index].observations.removeFirst(surplus) }
        try await context.state.set(key(input.name), record, ifRevision: found.revision, step: "record")
        let recent = record.versions[index].observations.filter { $0.metric == input.metric }.suffix(10).map(\.value)
        let registered = record.versions[index].metrics[input.metric], mean = Descriptive.mean(recent)
        let worsening = registered.flatMap { before -> Double? in
            let change = input.higherIsBetter == true ? before - mean : mean - before
            return before == 0 ? nil : change / before.magnitude
        }
        return ObserveOutput(
            version: record.versions[index].version, registered: registered, recentMean: mean, worsening: worsening,
            shouldRetrain: (worsening ?? 0) > input.tolerance ?? 0.2)
    }

    static func invoke(_ input: InvokeInput, _ context: TaskContext) async throws -> InvokeOutput {
        let record = try await read(input.name, context).value
        let version = record.versions[try record.index(of: try chosen(record, input.version))]
        let stored = try await context.state.get(
            modelKey(input.name, version.version), as: ModelDocument.self, step: "model")
        guard let model = stored?.value else {
            throw TaskFailure.internal("the state has no model for version \(version.version) of \"\(input.name)\"")
        }
        try model.check()
        let frame = input.dataframeSplit
        _ = try Check.names(frame.columns, count: frame.columns.count, at: "/dataframe_split/columns")
        let places = try model.features.map { feature in
            guard let place = frame.columns.firstIndex(of: feature) else {
                throw TaskFailure.invalid("/dataframe_split/columns lacks \"\(feature)\", which the model needs")
            }
            return place
        }
        let matrix = try Check.matrix(frame.data, at: "/dataframe_split/data")
        guard matrix.columnCount == frame.columns.count else {
            throw TaskFailure.invalid(
                "/dataframe_split/data/0 has \(matrix.columnCount) numbers for \(frame.columns.count) columns")
        }
        let rows = (0..<matrix.rowCount).flatMap { row in places.map { matrix[row, $0] } }
        let output = PredictTask.predict(
            model, Matrix(rowCount: matrix.rowCount, columnCount: places.count, values: rows))
        return InvokeOutput(
            predictions: output.labels?.map(JSONValue.string) ?? (output.values ?? []).map(JSONValue.double),
            version: version.version, digest: version.digest)
    }

    static func logTrial(_ input: ExperimentInput, _ context: TaskContext) async throws -> ExperimentRecord.Trial {
        try checkName(input.experiment, at: "/experiment")
        let key = "experiment/" + input.experiment
        let found = try await context.state.get(key, as: ExperimentRecord.self, step: "read")
        var record = found?.value ?? ExperimentRecord(name: input.experiment, trials: [])
        guard record.trials.count < ExperimentRecord.maximumTrials else {
            throw TaskFailure.tooLarge(
                "\"\(input.experiment)\" holds \(record.trials.count) trials, as many as it may: start another one")
        }
        let trial = ExperimentRecord.Trial(
            number: record.trials.count + 1, run: context.runID,
            atMilliseconds: Int(try await context.now(step: "time").rawValue), parameters: input.parameters ?? [:],
            metrics: input.metrics, fingerprint: input.fingerprint, note: input.note)
        record.trials.append(trial)
        try await context.state.set(key, record, ifRevision: found?.revision ?? 0, step: "record")
        return trial
    }

    static func trials(_ input: ExperimentNameInput, _ context: TaskContext) async throws -> ExperimentRecord {
        let found = try await context.state.get(
            "experiment/" + input.experiment, as: ExperimentRecord.self, step: "read")
        guard var record = found?.value else {
            throw TaskFailure.notFound("there is no experiment \"\(input.experiment)\"")
        }
        if let metric = input.metric {
            let sign = input.higherIsBetter == true ? -1.0 : 1
            func rank(_ trial: ExperimentRecord.Trial) -> Double {
                trial.metrics[metric].map { $0 * sign } ?? .infinity
            }
            record.trials.sort { rank($0) == rank($1) ? $0.number < $1.number : rank($0) < rank($1) }
        }
        return record
    }

    static func read(_ name: String, _ context: TaskContext) async throws -> Revisioned<ModelRecord> {
        guard let found = try await context.state.get(key(name), as: ModelRecord.self, step: "read") else {
            throw TaskFailure.notFound("no model is registered as \"\(name)\"; register one first")
        }
        return found
    }

    private static func chosen(_ record: ModelRecord, _ version: Int?) throws(TaskFailure) -> Int {
        guard let chosen = version ?? record.production?.version else {
            throw .invalid("no version of \"\(record.name)\" is in production: promote one, or name /version")
        }
        return chosen
    }

    private static func encoded(_ model: ModelDocument) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(model))
    }

    private static func key(_ name: String) -> String { "registry/" + name }
    private static func modelKey(_ name: String, _ version: Int) -> String { "model/\(name)/\(version)" }

    private static func checkName(_ name: String, at place: String) throws(TaskFailure) {
        let allowed = name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
        }
        guard allowed, (1...64).contains(name.utf8.count),
            name.utf8.first.map({ $0 != 45 && $0 != 46 && $0 != 95 }) == true
        else {
            throw .invalid("\(place) is \"\(name)\"; use 1 to 64 lower-case letters, digits, '.', '_', '-'")
        }
    }
}
