package import PluginKit

/// Learns from data and forecasts: regressions, models that are saved and loaded, time series, drift.
package struct Analytics: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.analytics",
        department: "analytics",
        version: "1.0.0",
        title: "Analytics",
        summary: "Regression, machine learning, forecasting, clustering, drift and a registry of models.",
        wants: Wants(models: [], tools: [], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Analytics>] = learning + series + registry

    private static let learning: [TaskDefinition<Analytics>] = [
        .task("regression", summary: "Least squares with standard errors and intervals; powers of one feature.") {
            (_: Analytics, input: RegressionInput, _: TaskContext) async throws -> RegressionOutput in
            try whole { try RegressionTask.run(input) }
        },
        .task("logistic", summary: "Logistic regression with standard errors; says so where classes are separated.") {
            (_: Analytics, input: LogisticInput, _: TaskContext) async throws -> LogisticOutput in
            try whole { try LogisticTask.run(input) }
        },
        .task("information-gain", summary: "How much each column of words tells about a class.") {
            (_: Analytics, input: GainInput, _: TaskContext) async throws -> GainOutput in
            try whole { try GainTask.run(input) }
        },
        .task("train", summary: "Trains a model to predict numbers or classes, or to find anomalies.") {
            (_: Analytics, input: TrainInput, _: TaskContext) async throws -> TrainOutput in
            try whole { try TrainTask.run(input) }
        },
        .task("predict", summary: "Predicts with a saved model.") {
            (_: Analytics, input: PredictInput, _: TaskContext) async throws -> PredictOutput in
            try whole { try PredictTask.run(input) }
        },
    ]

    private static let series: [TaskDefinition<Analytics>] = [
        .task("forecast", summary: "Forecasts a series by smoothing or ARIMA, with intervals.") {
            (_: Analytics, input: ForecastInput, context: TaskContext) async throws -> ForecastOutput in
            try whole { try ForecastTask.run(input) { context.progress($0, $1) } }
        },
        .task("cluster", summary: "Groups rows by k-means, a hierarchy or density.") {
            (_: Analytics, input: ClusterInput, _: TaskContext) async throws -> ClusterOutput in
            try whole { try ClusterTask.run(input) }
        },
        .task("automl", summary: "Compares models by cross-validation, joins the best, and keeps time in order.") {
            (_: Analytics, input: AutoInput, context: TaskContext) async throws -> AutoOutput in
            try whole { try AutoTask.run(input) { context.progress($0, $1) } }
        },
        .task("drift", summary: "Tells whether data has moved away from what a model learnt, and to retrain.") {
            (_: Analytics, input: DriftInput, _: TaskContext) async throws -> DriftOutput in
            try whole { try DriftTask.run(input) }
        },
        .task("sentiment", summary: "Rates English texts from negative to positive, by a lexicon.") {
            (_: Analytics, input: SentimentInput, _: TaskContext) async throws -> SentimentOutput in
            try whole { try SentimentTask.run(input) }
        },
        .task("text-train", summary: "Trains a classifier of texts.") {
            (_: Analytics, input: TextTrainInput, _: TaskContext) async throws -> TextTrainOutput in
            try whole { try TextTask.train(input) }
        },
        .task("text-predict", summary: "Classifies texts with a saved model.") {
            (_: Analytics, input: TextPredictInput, _: TaskContext) async throws -> PredictOutput in
            try whole { try TextTask.predict(input) }
        },
        .task("stream-features", summary: "Sums events in windows of time, and tells which came too late.") {
            (_: Analytics, input: StreamInput, context: TaskContext) async throws -> StreamOutput in
            try await StreamTask.run(input, context)
        },
    ]

    private static let registry: [TaskDefinition<Analytics>] = [
        .task("experiment-log", summary: "Notes what was tried and what came out.") {
            (_: Analytics, input: ExperimentInput, context: TaskContext) async throws -> ExperimentRecord.Trial in
            try await Registry.logTrial(input, context)
        },
        .task("experiment-list", summary: "The trials of an experiment, the best first.") {
            (_: Analytics, input: ExperimentNameInput, context: TaskContext) async throws -> ExperimentRecord in
            try await Registry.trials(input, context)
        },
        .task("model-register", summary: "Keeps a model as the next version of its name.") {
            (_: Analytics, input: RegisterInput, context: TaskContext) async throws -> ModelRecord.Version in
            try await Registry.register(input, context)
        },
        .task("model-promote", summary: "Moves a version to staging, production or the archive.") {
            (_: Analytics, input: PromoteInput, context: TaskContext) async throws -> ModelRecord in
            try await Registry.promote(input, context)
        },
        .task("model-rollback", summary: "Puts back what was in production before.") {
            (_: Analytics, input: RollbackInput, context: TaskContext) async throws -> ModelRecord in
            try await Registry.rollback(input, context)
        },
        .task("model-show", summary: "Versions, stages, lineage and history of a model.") {
            (_: Analytics, input: ModelNameInput, context: TaskContext) async throws -> ModelRecord in
            try await Registry.read(input.name, context).value
        },
        .task("model-observe", summary: "Notes a metric of a model in use, and says when to retrain.") {
            (_: Analytics, input: ObserveInput, context: TaskContext) async throws -> ObserveOutput in
            try await Registry.observe(input, context)
        },
        .task("model-invoke", summary: "Predicts with the version in production, in the form of MLflow.") {
            (_: Analytics, input: InvokeInput, context: TaskContext) async throws -> InvokeOutput in
            try await Registry.invoke(input, context)
        },
    ]

    package init(configuration: Configuration) throws {}

    /// Loops end early once the run is cancelled; what they then leave is no result.
    private static func whole<Output>(_ body: () throws -> Output) throws -> Output {
        let output = try body()
        guard !Task.isCancelled else { throw TaskFailure.cancelled("the run was cancelled") }
        return output
    }
}
