import CLane
import Kernel
import Synchronization

/// Asks a plugin for its descriptor, in a process that ends with the answer: nothing of an unknown file runs in the
/// host.
final class Inspection: LaneOwner, Ticking {
    private struct State {
        var waiter: CheckedContinuation<Result<PluginDescriptor, PlacementError>, Never>?
        var result: Result<PluginDescriptor, PlacementError>?
        var link: (any LaneLink)?
        var isLate = false
    }

    private let file: PluginFile
    private let settings: PlacementSettings
    private let isolation: KnownIsolation
    private let deadline: UInt64
    private let state = Mutex(State())

    private init(file: PluginFile, settings: PlacementSettings, isolation: KnownIsolation) {
        self.file = file
        self.settings = settings
        self.isolation = isolation
        deadline = Monotonic.milliseconds() + settings.startMilliseconds
    }

    static func run(
        _ file: PluginFile, launcher: WorkerLauncher, settings: PlacementSettings, supervisor: Supervisor,
        isolation: KnownIsolation
    ) async throws(PlacementError) -> PluginDescriptor {
        let inspection = Inspection(file: file, settings: settings, isolation: isolation)
        let result: Result<PluginDescriptor, PlacementError> = await withCheckedContinuation { waiter in
            inspection.state.withLock { $0.waiter = waiter }
            guard let link = launcher.launch(for: inspection) else {
                inspection.answer(.failure(PlacementError(.workerMissing, "no thread for a worker")))
                return
            }
            inspection.state.withLock { $0.link = link }
            supervisor.request(inspection, at: inspection.deadline)
        }
        supervisor.forget(inspection)
        return try result.get()
    }

    func tick(at now: UInt64) -> UInt64? {
        guard now >= deadline else { return deadline }
        state.withLock { state in
            state.isLate = true
            _ = state.link?.kill(.closed)
        }
        return nil
    }

    func receive(
        _ header: lane_header, _ body: UnsafeRawBufferPointer, from link: any LaneLink
    ) throws(ProtocolViolation) {
        let fields = try Fields(checking: body)
        let result: Result<PluginDescriptor, PlacementError>
        switch Int(header.kind) {
        case LANE_READY: result = try describe(fields)
        case LANE_REFUSED: result = .failure(try refusal(fields))
        default: return
        }
        state.withLock { if $0.result == nil { $0.result = result } }
        link.finish()
    }

    func confined(_ report: SandboxReport, processID: Int32) { isolation.note(report) }

    func printed(_ line: String) { settings.log(file.path, .info, line) }

    func linkEnded(_ link: any LaneLink, cause: PluginLoss.Cause) {
        let (result, isLate) = state.withLock { ($0.result, $0.isLate) }
        if let result { return answer(result) }
        if isLate {
            let text = "\(file.path): did not describe itself within \(settings.startMilliseconds) ms"
            return answer(.failure(PlacementError(.loadFailed, text)))
        }
        var code = PlacementError.Code.loadFailed
        if case .startFailed = cause { code = .workerMissing }
        if case .notConfined = cause { code = .notConfined }
        let loss = PluginLoss(plugin: file.path, version: "(not loaded)", generation: 0, cause: cause)
        answer(.failure(PlacementError(code, loss.description)))
    }

    private func answer(_ result: Result<PluginDescriptor, PlacementError>) {
        let waiter = state.withLock { state in
            defer { (state.waiter, state.link) = (nil, nil) }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    private func refusal(_ fields: Fields) throws(ProtocolViolation) -> PlacementError {
        let code: PlacementError.Code =
            switch Int(truncatingIfNeeded: try fields.required(LANE_CODE)) {
            case LANE_PROBLEM_MISSING_ENTRY: .missingEntry
            case LANE_PROBLEM_ABI: .wrongABI
            default: .loadFailed
            }
        return PlacementError(code, "\(file.path): \(try fields.text(LANE_TEXT))")
    }

    private func describe(_ fields: Fields) throws(ProtocolViolation) -> Result<PluginDescriptor, PlacementError> {
        guard try fields.required(LANE_PROTOCOL) == LANE_PROTOCOL_VERSION else {
            return .failure(PlacementError(.workerMissing, "the worker is of another version than this host"))
        }
        let manifest: Manifest
        do {
            manifest = try Manifest(json: try JSONParser.parse(fields.data(LANE_MANIFEST)))
        } catch {
            return .failure(PlacementError(.brokenManifest, "\(file.path): the manifest is refused: \(error)"))
        }
        if let missing = missingFunction(of: manifest) { return .failure(missing) }
        return .success(
            PluginDescriptor(
                path: file.path, digest: file.digest, id: try fields.text(LANE_ID),
                version: try fields.text(LANE_VERSION), toolchain: try fields.text(LANE_TOOLCHAIN),
                abiMajor: Int(truncatingIfNeeded: try fields.required(LANE_ABI_MAJOR)),
                abiMinor: Int(truncatingIfNeeded: try fields.required(LANE_ABI_MINOR)), manifest: manifest))
    }

    /// A manifest may offer only what its library exports.
    private func missingFunction(of manifest: Manifest) -> PlacementError? {
        guard !manifest.native.isEmpty else { return nil }
        do {
            try file.requireFunctions(manifest.native.map(\.signature.symbol))
            return nil
        } catch {
            return PlacementError(.brokenManifest, "\(file.path): its manifest offers what it lacks: \(error.message)")
        }
    }
}
